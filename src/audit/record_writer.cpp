// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "audit/record.h"
#include "audit/timestamp.h"
#include "base/check.h"
#include "base/hex.h"
#include "base/json_writer.h"

namespace bulkhead::audit {
namespace {

// A byte of a text takes six characters at most (\u001f). Texts of an event: eight labels, the
// source addresses, the annotations; and names, times and punctuation.
constexpr std::size_t kTextsMax = 8 + kSourceIpsMax + kAnnotationCount;
static_assert(kTextsMax * 6 * kLabelBytesMax + 4096 <= kRecordBytesMax);

void Member(base::JsonWriter& json, std::string_view name, const Label& value) {
  if (value.empty()) return;
  json.Key(name);
  json.Text(value.text());
}

void Member(base::JsonWriter& json, std::string_view name, std::string_view value) {
  json.Key(name);
  json.Text(value);
}

void UserMember(base::JsonWriter& json, const Event& event) {
  if (event.user_name.empty() && event.user_id.empty()) return;
  json.Key("user");
  json.BeginObject();
  Member(json, "username", event.user_name);
  Member(json, "uid", event.user_id);
  json.EndObject();
}

void SourceMember(base::JsonWriter& json, const Event& event) {
  std::vector<Label> ips;
  std::ranges::copy_if(event.source_ips, std::back_inserter(ips),
                       [](const Label& ip) { return !ip.empty(); });
  if (ips.empty()) return;
  json.Key("sourceIPs");
  json.BeginArray();
  const std::size_t from = ips.size() - std::min(ips.size(), kSourceIpsMax);
  for (std::size_t at = from; at < ips.size(); ++at) json.Text(ips[at].text());
  json.EndArray();
}

void StatusMember(base::JsonWriter& json, const Event& event) {
  if (event.status == 0 && event.reason.empty()) return;
  json.Key("responseStatus");
  json.BeginObject();
  if (event.status != 0) {
    json.Key("code");
    json.Unsigned(event.status);
  }
  Member(json, "reason", event.reason);
  json.EndObject();
}

void AnnotationsMember(base::JsonWriter& json, const Event& event) {
  if (std::ranges::all_of(event.annotations, [](const auto& each) { return each.second.empty(); }))
    return;
  json.Key("annotations");
  json.BeginObject();
  for (const auto& [annotation, value] : event.annotations) Member(json, NameOf(annotation), value);
  json.EndObject();
}

}  // namespace

std::vector<std::byte> EncodeEvent(const Event& event) {
  const EventNames& names = NamesOf(event.kind);
  base::JsonWriter json;
  json.Reserve(512);
  json.BeginObject();
  Member(json, "event", names.name);
  Member(json, "level", std::string_view("Metadata"));
  Member(json, "auditID", event.audit_id);
  Member(json, "stage", NameOf(event.stage));
  Member(json, "requestURI", event.request_uri);
  Member(json, "verb", names.verb);
  UserMember(json, event);
  SourceMember(json, event);
  Member(json, "userAgent", event.user_agent);
  json.Key("objectRef");
  json.BeginObject();
  Member(json, "resource", names.resource);
  Member(json, "namespace", event.tenant);
  Member(json, "name", event.object_name);
  json.EndObject();
  StatusMember(json, event);
  if (event.received_unix_ms > 0) {
    Member(json, "requestReceivedTimestamp", std::string_view(Timestamp(event.received_unix_ms)));
  }
  AnnotationsMember(json, event);
  json.EndObject();
  std::vector<std::byte> bytes = std::move(json).Take();
  bytes.erase(bytes.begin());  // its bracket: the place's members come first
  return bytes;
}

void EncodeRecord(const RecordPlace& place, std::span<const std::byte> event,
                  std::vector<std::byte>& out) {
  const std::size_t begin = out.size();
  const auto append = [&out](std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  append("{\"sequence\":");
  append(std::to_string(place.sequence));
  append(",\"group\":");
  append(std::to_string(place.group));
  append(",\"previous\":\"");
  append(base::Hex(place.previous));
  append("\",\"stageTimestamp\":\"");
  append(Timestamp(place.time_unix_ms));
  append("\",");
  out.insert(out.end(), event.begin(), event.end());
  BH_CHECK(out.size() - begin <= kRecordBytesMax);
}

}  // namespace bulkhead::audit
