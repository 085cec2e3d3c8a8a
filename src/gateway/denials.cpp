// SPDX-License-Identifier: Apache-2.0
#include "gateway/denials.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/credentials.h"
#include "gateway/model_view.h"
#include "tenant/api_key.h"

namespace bulkhead::gateway {
namespace {

constexpr std::string_view kNoModel = "no such model of the tenant";

bool IsAnothers(const tenant::Directory& directory, std::string_view tenant,
                const std::string& model) {
  return std::ranges::any_of(directory.Tenants(), [&](const tenant::Tenant& other) {
    return other.name != tenant && !directory.VersionsOf(other.id, {model}).empty();
  });
}

}  // namespace

void Denials::RefusedKey(std::optional<std::string_view> authorization,
                         std::optional<std::string_view> api_key, std::string_view peer,
                         const base::Error& error) {
  Denial denial;
  denial.kind = audit::EventKind::kAuthRefuse;
  denial.peer = peer;
  const auto text = KeyTextOf(authorization, api_key);
  const auto given = text ? tenant::ParseApiKey(*text) : base::Result<tenant::ApiKey>(error);
  if (!given.ok()) {
    denial.reason = text ? "not a key" : "no key";
    return book_.Add(std::move(denial));
  }
  denial.reason = error.detail;
  denial.key = given.value().id.text;
  // Whose it claims to be is told to the operator; it counts as a stranger's, who may say any id.
  book_.Add(std::move(denial));
}

void Denials::RefusedRequest(const Caller& caller, std::string_view model, std::string_view peer,
                             base::Code code) {
  if (code != base::Code::kNotFound && code != base::Code::kDenied) return;
  const tenant::ModelName name = ParseServedName(std::string(model)).model;
  const bool missing = code == base::Code::kNotFound;
  // A version that there is not of a model that is its own.
  if (missing && accounts_.directory().FindDeployment(caller.tenant, name) != nullptr) return;
  book_.Add({caller.tenant_name, audit::EventKind::kAccessDeny,
             missing ? std::string(kNoModel) : "not in the key's scopes", caller.key.text,
             name.text, std::string(peer)});
}

std::vector<audit::Event> Denials::EventsOf(const std::vector<CountedDenial>& told) const {
  using audit::Annotation;
  std::vector<audit::Event> events;
  const tenant::Directory& directory = accounts_.directory();
  for (const auto& [denial, further] : told) {
    audit::Event event;
    event.kind = denial.kind;
    event.tenant = denial.tenant;
    event.user_id = denial.key;
    event.object_name = denial.model;
    event.reason = denial.reason;
    if (!denial.peer.empty()) event.source_ips.emplace_back(denial.peer);
    if (further > 0) event.annotations[Annotation::kAmount] = std::to_string(further) + " more";
    if (denial.reason == kNoModel) {
      event.status = 404;
      event.annotations[Annotation::kDecision] = IsAnothers(directory, denial.tenant, denial.model)
                                                     ? "it is another tenant's"
                                                     : "it is nobody's";
    }
    const tenant::Key* key = directory.FindKey({denial.key});
    const tenant::Tenant* owner = key == nullptr ? nullptr : directory.FindTenant(key->tenant);
    if (owner != nullptr) event.tenant = owner->name;
    events.push_back(std::move(event));
  }
  return events;
}

std::vector<audit::Event> Denials::Take(std::chrono::nanoseconds now) {
  return EventsOf(book_.Take(now));
}

std::vector<audit::Event> Denials::TakeAll() { return EventsOf(book_.TakeAll()); }

}  // namespace bulkhead::gateway
