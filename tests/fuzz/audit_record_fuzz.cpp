// SPDX-License-Identifier: Apache-2.0
// Hostile lines of an audit log: what reads says what it says in one way, as text and as OCSF.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/ocsf.h"
#include "audit/record.h"
#include "audit/timestamp.h"
#include "base/check.h"
#include "base/utf8.h"

namespace {

namespace audit = bulkhead::audit;

// The same event, written anew, is the same line.
void WriteAgain(std::string_view line, const audit::RecordView& record) {
  audit::Event event{.kind = record.kind,
                     .stage = record.stage,
                     .audit_id = audit::PlainText(record.audit_id),
                     .request_uri = audit::PlainText(record.request_uri),
                     .user_name = audit::PlainText(record.user_name),
                     .user_id = audit::PlainText(record.user_id),
                     .user_agent = audit::PlainText(record.user_agent),
                     .tenant = audit::PlainText(record.tenant),
                     .object_name = audit::PlainText(record.object_name),
                     .status = record.status,
                     .reason = audit::PlainText(record.reason),
                     .received_unix_ms = record.received_unix_ms};
  for (const std::string_view ip : record.source_ips) {
    event.source_ips.emplace_back(audit::PlainText(ip));
  }
  for (std::size_t at = 0; at < audit::kAnnotationCount; ++at) {
    event.annotations[static_cast<audit::Annotation>(at)] =
        audit::PlainText(record.annotations[at]);
  }
  std::vector<std::byte> written;
  audit::EncodeRecord(record.place, audit::EncodeEvent(event), written);
  const std::string_view again(reinterpret_cast<const char*>(written.data()), written.size());
  // Labels shorten and withhold: what they changed is another line.
  const bool changed = again.find("[withheld]") != std::string_view::npos ||
                       again.find("…") != std::string_view::npos;
  BH_CHECK(changed || again == line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  std::string_view line(reinterpret_cast<const char*>(bytes), size);
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto time = audit::ParseTimestamp(line);
  BH_CHECK(!time || audit::Timestamp(*time) == line);
  const auto record = audit::ReadRecord(line);
  if (!record.ok()) return 0;
  BH_CHECK(line.find('\n') == std::string_view::npos && bulkhead::base::IsUtf8(line));
  const std::string ocsf = audit::OcsfEvent(record.value());
  BH_CHECK(ocsf.find('\n') == std::string::npos);
  WriteAgain(line, record.value());
  return 0;
}
