// SPDX-License-Identifier: Apache-2.0
#include "gateway/accounts.h"

#include <utility>

#include "base/monotonic_clock.h"
#include "base/unix_clock.h"
#include "tenant/rate_limit_headers.h"

namespace bulkhead::gateway {
namespace {

constexpr int64_t kMinuteMs = 60'000;

}  // namespace

tenant::Now NowForTenants() { return {base::MonotonicNow().count(), base::UnixNowMs()}; }

Accounts::Accounts(const Pepper& pepper)
    : pepper_(pepper),
      directory_(tenant::Directory::Make({}, nullptr, base::MonotonicNow().count())) {}

void Accounts::Set(tenant::Records records) {
  directory_ =
      tenant::Directory::Make(std::move(records), directory_.get(), base::MonotonicNow().count());
}

base::Result<Caller> Accounts::Authenticate(std::string_view key_text) {
  const base::Result<tenant::ApiKey> given = tenant::ParseApiKey(key_text);
  if (!given.ok()) {
    const std::string refusal(tenant::KeyRefusal(tenant::KeyVerdict::kUnknown));
    return base::PublicError(base::Code::kInvalid, refusal);
  }
  const tenant::Key* key = directory_->FindKey(given.value().id);
  const tenant::Tenant* owner = key == nullptr ? nullptr : directory_->FindTenant(key->tenant);
  const int64_t now_unix_ms = base::UnixNowMs();
  const tenant::KeyVerdict verdict =
      tenant::CheckKey(key, owner, tenant::HashSecret(pepper_, given.value().secret), now_unix_ms);
  if (verdict != tenant::KeyVerdict::kAccepted) {
    const auto code =
        verdict == tenant::KeyVerdict::kSuspended ? base::Code::kDenied : base::Code::kInvalid;
    return base::Error{code, std::string(tenant::KeyVerdictName(verdict)),
                       std::string(tenant::KeyRefusal(verdict))};
  }
  const int64_t minute = now_unix_ms - now_unix_ms % kMinuteMs;
  if (key->last_used_unix_ms.value_or(0) < minute) uses_unix_ms_[key->id] = minute;
  return Caller{owner->id, owner->name, key->id, key->scopes};
}

base::Status Accounts::Require(const Caller& caller, tenant::Scope scope) {
  if (tenant::Allows(caller.scopes, scope)) return base::Ok();
  return base::PublicError(base::Code::kDenied,
                           "this key's scopes (" + tenant::FormatScopes(caller.scopes) +
                               ") do not include " +
                               tenant::FormatScopes(static_cast<tenant::Scopes>(scope)));
}

Accounts::Admitted Accounts::Admit(const Caller& caller, const tenant::Demand& demand) {
  const std::shared_ptr<tenant::Admission> admission = directory_->FindAdmission(caller.tenant);
  if (admission == nullptr) {
    return Refused{base::PublicError(base::Code::kDenied, "the tenant is gone"), 0, std::nullopt};
  }
  tenant::AdmitResult result = tenant::Admit(admission, NowForTenants(), demand);
  if (const auto* refusal = std::get_if<tenant::Refusal>(&result)) {
    return Refused{tenant::RefusalError(*refusal), refusal->wait_ns, refusal->limit};
  }
  return std::get<tenant::Ticket>(std::move(result));
}

void Accounts::AddRateLimitFields(const tenant::TenantId& tenant, http::Headers& headers) const {
  const std::shared_ptr<tenant::Admission> admission = directory_->FindAdmission(tenant);
  if (admission == nullptr) return;
  const std::vector<tenant::LimitState> limits = admission->Limits(NowForTenants());
  if (limits.empty()) return;
  headers.Add("RateLimit-Policy", tenant::RateLimitPolicyField(limits));
  headers.Add("RateLimit", tenant::RateLimitField(limits));
}

std::vector<store::KeyUse> Accounts::TakeKeyUses() {
  std::vector<store::KeyUse> uses;
  for (const auto& [key, unix_ms] : uses_unix_ms_) uses.push_back({key, unix_ms});
  uses_unix_ms_.clear();
  return uses;
}

}  // namespace bulkhead::gateway
