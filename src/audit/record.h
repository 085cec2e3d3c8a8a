// SPDX-License-Identifier: Apache-2.0
// A record of the log: one line of JSON, of which there is exactly one way to write it. The bytes:
// docs/formats/audit_log.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event.h"
#include "audit/merkle.h"
#include "base/result.h"

namespace bulkhead::audit {

// Without its end of line. No event that can be made is longer.
constexpr std::size_t kRecordBytesMax = 65'535;

// What a record says beside its event.
struct RecordPlace {
  uint64_t sequence = 0;  // 0, 1, ...: its index in the tree
  uint64_t group = 0;     // the sequence of the first record that was made durable with it
  Hash previous{};        // LeafHash of the record before it; zeros in the first one
  int64_t time_unix_ms = 0;
};

// The event's members, as they follow the place's on the line.
[[nodiscard]] std::vector<std::byte> EncodeEvent(const Event& event);
// Appends the line without its end.
void EncodeRecord(const RecordPlace& place, std::span<const std::byte> event,
                  std::vector<std::byte>& out);

// A record as read; it points into the line. Texts are as JSON has them, without their quotes: see
// PlainText. What is not there is empty or zero.
struct RecordView {
  RecordPlace place;
  EventKind kind = EventKind::kLogStart;
  Stage stage = Stage::kRequestReceived;
  std::string_view audit_id;
  std::string_view request_uri;
  std::string_view user_name;
  std::string_view user_id;
  std::array<std::string_view, kSourceIpsMax> source_ips;
  std::string_view user_agent;
  std::string_view tenant;
  std::string_view object_name;
  uint16_t status = 0;
  std::string_view reason;
  int64_t received_unix_ms = 0;
  std::array<std::string_view, kAnnotationCount> annotations;
};

// kCorrupt: not a line that EncodeRecord writes. So what reads is the one way to write what it
// says.
base::Result<RecordView> ReadRecord(std::string_view line);

// What the text says. `json`: from a RecordView.
[[nodiscard]] std::string PlainText(std::string_view json);

}  // namespace bulkhead::audit
