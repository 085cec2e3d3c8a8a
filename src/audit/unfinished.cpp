// SPDX-License-Identifier: Apache-2.0
#include "audit/unfinished.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "audit/line_reader.h"
#include "audit/log_folder.h"
#include "audit/record.h"

namespace bulkhead::audit {
namespace {

struct Begun {
  uint64_t sequence = 0;
  Event end;
};

Event EndOf(const RecordView& record) {
  Event end;
  end.kind = record.kind;
  end.stage = Stage::kPanic;
  end.audit_id = PlainText(record.audit_id);
  end.user_name = PlainText(record.user_name);
  end.user_id = PlainText(record.user_id);
  end.tenant = PlainText(record.tenant);
  end.object_name = PlainText(record.object_name);
  end.reason = "the process ended before it could say whether this was done";
  return end;
}

uint64_t FirstSegment(const std::filesystem::path& log) {
  uint64_t newest = 0;
  std::error_code unreadable;
  while (std::filesystem::exists(log / SegmentPath(newest + 1), unreadable)) ++newest;
  return newest - std::min<uint64_t>(newest, 1);
}

}  // namespace

base::Result<std::vector<Event>> FindUnfinished(const std::filesystem::path& log) {
  // One action can have several records of its beginning: what it changed, one by one.
  std::map<std::pair<std::string, EventKind>, Begun> begun;
  LineReader lines(log, FirstSegment(log));
  for (;;) {
    BH_ASSIGN(const std::optional<Line> line, lines.Next());
    if (!line) break;
    const auto record = ReadRecord(line->text);
    if (!record.ok() || record.value().audit_id.empty()) continue;
    const RecordView& view = record.value();
    const std::pair key(std::string(view.audit_id), view.kind);
    if (view.stage == Stage::kRequestReceived) {
      begun[key] = {view.place.sequence, EndOf(view)};
    } else {
      begun.erase(key);
    }
  }
  std::map<uint64_t, Event> in_order;
  for (auto& [key, one] : begun) in_order.emplace(one.sequence, std::move(one.end));
  while (in_order.size() > kUnfinishedMax) in_order.erase(in_order.begin());
  std::vector<Event> events;
  for (auto& [sequence, event] : in_order) events.push_back(std::move(event));
  return events;
}

base::Result<OpenedLog> OpenAndEnd(const std::filesystem::path& folder, LogOptions options) {
  OpenedLog opened;
  BH_ASSIGN(opened.log, Log::Open(folder, std::move(options)));
  BH_ASSIGN(opened.ended, FindUnfinished(folder));
  for (const Event& event : opened.ended) BH_TRY(opened.log->AppendAndWait(event));
  return opened;
}

}  // namespace bulkhead::audit
