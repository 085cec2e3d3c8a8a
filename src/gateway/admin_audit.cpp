// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_audit.h"

#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "gateway/admin_json.h"

namespace bulkhead::gateway {
namespace {

using audit::Annotation;
using audit::Event;
using audit::EventKind;
using nlohmann::json;

std::string Text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

// "unix:1000 pid 4711"
Event EventOf(const AdminRequest& request) {
  Event event;
  event.kind = EventKind::kConfigChange;
  event.request_uri = request.http.target;
  const std::string_view peer = request.http.peer;
  const std::size_t space = peer.find(' ');
  event.user_id = peer.substr(0, space);
  if (space != std::string_view::npos) {
    event.annotations[Annotation::kProcess] = peer.substr(space + 1);
  }
  if (const auto agent = request.http.headers.Find("User-Agent")) event.user_agent = *agent;
  return event;
}

Event Named(Event event, EventKind kind, std::string_view tenant, std::string_view object) {
  event.kind = kind;
  event.tenant = tenant;
  event.object_name = object;
  return event;
}

Event WithNew(Event event, const std::string& value) {
  event.annotations[Annotation::kNewValue] = value;
  return event;
}

json BodyOf(const AdminRequest& request) {
  return json::parse(TextOf(request.http), nullptr, false);
}

Event OfNewTenant(const AdminRequest& request, Event event) {
  const json body = BodyOf(request);
  const bool named = body.is_object() && body.contains("name") && body["name"].is_string();
  const std::string name = named ? body["name"].get<std::string>() : "";
  event = Named(std::move(event), EventKind::kTenantCreate, name, name);
  if (named && body.size() > 1) return WithNew(std::move(event), Text(body));
  return event;
}

// One event for each of the three things that a PATCH can change.
std::vector<Event> OfTenantUpdate(const AdminRequest& request, const Event& event,
                                  const tenant::Directory& directory) {
  const json body = BodyOf(request);
  const std::string& name = request.segments[1];
  const tenant::Tenant* present = directory.FindTenantByName(name);
  const json before = present == nullptr ? json::object() : TenantJson(*present);
  std::vector<Event> events;
  const auto add = [&](const char* member, EventKind kind) {
    if (!body.is_object() || !body.contains(member)) return;
    Event one = WithNew(Named(event, kind, name, name), Text(body[member]));
    if (before.contains(member)) one.annotations[Annotation::kOldValue] = Text(before[member]);
    events.push_back(std::move(one));
  };
  const bool suspends = body.is_object() && body.value("suspended", json()) == json(true);
  add("suspended", suspends ? EventKind::kTenantSuspend : EventKind::kTenantResume);
  add("quota", EventKind::kQuotaChange);
  add("policy", EventKind::kPolicyChange);
  if (events.empty()) events.push_back(Named(event, EventKind::kConfigChange, name, name));
  return events;
}

Event OfTenantsModel(const AdminRequest& request, Event event) {
  const auto& segments = request.segments;
  const std::string& method = request.http.method;
  const std::size_t depth = segments.size();
  if (method == "POST" && depth == 5) {
    event = Named(std::move(event), EventKind::kModelUpload, segments[1], segments[3]);
    event.annotations[Annotation::kAmount] = std::to_string(request.http.body.size()) + " bytes";
  } else if (method == "DELETE" && (depth == 4 || depth == 6)) {
    event = Named(std::move(event), EventKind::kModelDelete, segments[1], segments[3]);
    if (depth == 6) event.annotations[Annotation::kModelVersion] = segments[5];
  }
  return event;
}

Event OfDeployment(const AdminRequest& request, Event event, const tenant::Directory& directory) {
  const auto& segments = request.segments;
  if (segments.size() != 4) return event;
  const bool puts = request.http.method == "PUT";
  if (!puts && request.http.method != "DELETE") return event;
  event = Named(std::move(event), puts ? EventKind::kModelDeploy : EventKind::kModelUndeploy,
                segments[1], segments[3]);
  const tenant::Tenant* owner = directory.FindTenantByName(segments[1]);
  const tenant::Deployment* present =
      owner == nullptr ? nullptr : directory.FindDeployment(owner->id, {segments[3]});
  if (present != nullptr) {
    event.annotations[Annotation::kOldValue] = Text({{"version", present->version},
                                                     {"profile", present->profile},
                                                     {"replicas", present->replicas}});
  }
  const json body = BodyOf(request);
  return puts && body.is_object() ? WithNew(std::move(event), Text(body)) : event;
}

Event OfKey(const AdminRequest& request, Event event, const tenant::Directory& directory) {
  const auto& segments = request.segments;
  const bool rotates = segments.size() == 3;
  const tenant::Key* key = directory.FindKey({segments[1]});
  const tenant::Tenant* owner = key == nullptr ? nullptr : directory.FindTenant(key->tenant);
  return Named(std::move(event), rotates ? EventKind::kKeyRotate : EventKind::kKeyRevoke,
               owner == nullptr ? "" : owner->name, segments[1]);
}

Event OfNewKey(const AdminRequest& request, Event event) {
  event = Named(std::move(event), EventKind::kKeyCreate, request.segments[1], "");
  const json body = BodyOf(request);
  return body.is_object() && !body.empty() ? WithNew(std::move(event), Text(body)) : event;
}

// Of the key that a tenant's models are sealed under; the tenant may be the id of one that was
// deleted.
Event OfSeal(const AdminRequest& request, Event event) {
  const auto& segments = request.segments;
  EventKind kind = EventKind::kPolicyChange;
  if (segments[3] == "rotate") kind = EventKind::kDataKeyRotate;
  if (segments[3] == "shred") kind = EventKind::kDataKeyDestroy;
  return WithNew(Named(std::move(event), kind, segments[1], segments[1]), "seal " + segments[3]);
}

}  // namespace

std::vector<Event> ActionsOf(const AdminRequest& request, const tenant::Directory& directory) {
  const auto& segments = request.segments;
  const std::string& method = request.http.method;
  const std::size_t depth = segments.size();
  const Event event = EventOf(request);
  const std::string first = depth == 0 ? "" : segments[0];
  if (first == "tenants" && depth == 1 && method == "POST") return {OfNewTenant(request, event)};
  if (first == "tenants" && depth == 2) {
    if (method == "PATCH") return OfTenantUpdate(request, event, directory);
    if (method == "DELETE") {
      return {Named(event, EventKind::kTenantDelete, segments[1], segments[1])};
    }
  }
  if (first == "tenants" && depth == 4 && segments[2] == "seal" && method == "POST") {
    return {OfSeal(request, event)};
  }
  if (first == "tenants" && depth == 3 && segments[2] == "keys" && method == "POST") {
    return {OfNewKey(request, event)};
  }
  if (first == "tenants" && depth > 3 && segments[2] == "models") {
    return {OfTenantsModel(request, event)};
  }
  if (first == "tenants" && depth > 3 && segments[2] == "deployments") {
    return {OfDeployment(request, event, directory)};
  }
  if (first == "keys" && depth > 1) return {OfKey(request, event, directory)};
  if (first == "ledger") {
    return {Named(event, EventKind::kLedgerExport, "", depth == 3 ? "done" : "begin")};
  }
  return {event};
}

}  // namespace bulkhead::gateway
