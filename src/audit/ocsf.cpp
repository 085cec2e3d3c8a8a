// SPDX-License-Identifier: Apache-2.0
#include "audit/ocsf.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "base/json_writer.h"

namespace bulkhead::audit {
namespace {

constexpr uint64_t kCategory = 6;  // Application Activity
constexpr uint64_t kClass = 6003;  // API Activity

struct Activity {
  uint64_t id;
  std::string_view name;
};

Activity ActivityOf(std::string_view verb) {
  if (verb == "create") return {1, "Create"};
  if (verb == "get") return {2, "Read"};
  if (verb == "update") return {3, "Update"};
  if (verb == "delete") return {4, "Delete"};
  return {99, "Other"};
}

bool IsAlarming(EventKind kind) {
  return kind == EventKind::kAuthRefuse || kind == EventKind::kAccessDeny ||
         kind == EventKind::kWorkerViolate;
}

// `value` is as the record has it.
void Member(base::JsonWriter& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  json.Key(name);
  json.Text(PlainText(value));
}

void Member(base::JsonWriter& json, std::string_view name, uint64_t value) {
  json.Key(name);
  json.Unsigned(value);
}

void Metadata(base::JsonWriter& json, const RecordView& record) {
  json.Key("metadata");
  json.BeginObject();
  json.Key("product");
  json.BeginObject();
  Member(json, "name", std::string_view("Bulkhead"));
  Member(json, "vendor_name", std::string_view("Bulkhead"));
  json.EndObject();
  Member(json, "version", std::string_view("1.3.0"));
  Member(json, "uid", std::string_view(std::to_string(record.place.sequence)));
  Member(json, "correlation_uid", record.audit_id);
  Member(json, "event_code", NamesOf(record.kind).name);
  json.EndObject();
}

void Actor(base::JsonWriter& json, const RecordView& record) {
  json.Key("actor");
  json.BeginObject();
  json.Key("user");
  json.BeginObject();
  Member(json, "name", record.user_name);
  Member(json, "uid", record.user_id);
  json.EndObject();
  json.EndObject();
}

void Api(base::JsonWriter& json, const RecordView& record) {
  json.Key("api");
  json.BeginObject();
  Member(json, "operation", NamesOf(record.kind).name);
  if (record.status != 0 || !record.reason.empty()) {
    json.Key("response");
    json.BeginObject();
    if (record.status != 0) Member(json, "code", uint64_t{record.status});
    Member(json, "message", record.reason);
    json.EndObject();
  }
  json.EndObject();
}

void Resources(base::JsonWriter& json, const RecordView& record) {
  json.Key("resources");
  json.BeginArray();
  json.BeginObject();
  Member(json, "type", NamesOf(record.kind).resource);
  Member(json, "name", record.object_name);
  Member(json, "namespace", record.tenant);
  json.EndObject();
  json.EndArray();
}

// The peer; what clients said of others before it is no address that anybody saw.
void Source(base::JsonWriter& json, const RecordView& record) {
  std::string_view peer;
  for (const std::string_view ip : record.source_ips) {
    if (!ip.empty()) peer = ip;
  }
  json.Key("src_endpoint");
  json.BeginObject();
  Member(json, "ip", peer);
  json.EndObject();
}

void HttpRequest(base::JsonWriter& json, const RecordView& record) {
  if (record.user_agent.empty() && record.request_uri.empty()) return;
  json.Key("http_request");
  json.BeginObject();
  Member(json, "user_agent", record.user_agent);
  if (!record.request_uri.empty()) {
    json.Key("url");
    json.BeginObject();
    Member(json, "path", record.request_uri);
    json.EndObject();
  }
  json.EndObject();
}

void Unmapped(base::JsonWriter& json, const RecordView& record) {
  json.Key("unmapped");
  json.BeginObject();
  Member(json, "stage", NameOf(record.stage));
  for (std::size_t at = 0; at < kAnnotationCount; ++at) {
    Member(json, NameOf(static_cast<Annotation>(at)), record.annotations[at]);
  }
  json.EndObject();
}

}  // namespace

std::string OcsfEvent(const RecordView& record) {
  const Activity activity = ActivityOf(NamesOf(record.kind).verb);
  base::JsonWriter json;
  json.BeginObject();
  Member(json, "category_uid", kCategory);
  Member(json, "class_uid", kClass);
  Member(json, "activity_id", activity.id);
  Member(json, "activity_name", activity.name);
  Member(json, "type_uid", kClass * 100 + activity.id);
  Member(json, "severity_id", uint64_t{IsAlarming(record.kind) ? 3U : 1U});
  Member(json, "status_id", uint64_t{record.status == 0 ? 0U : record.status < 400 ? 1U : 2U});
  Member(json, "time", static_cast<uint64_t>(record.place.time_unix_ms));
  if (record.received_unix_ms > 0) {
    Member(json, "start_time", static_cast<uint64_t>(record.received_unix_ms));
  }
  Metadata(json, record);
  Actor(json, record);
  Api(json, record);
  Resources(json, record);
  Source(json, record);
  HttpRequest(json, record);
  Unmapped(json, record);
  json.EndObject();
  const std::vector<std::byte> bytes = std::move(json).Take();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace bulkhead::audit
