// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_tail.h"

#include <chrono>
#include <deque>
#include <ostream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "audit/line_reader.h"
#include "audit/log_folder.h"
#include "audit/ocsf.h"
#include "audit/record.h"
#include "audit/timestamp.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(300);

std::string Words(std::string_view name, std::string_view json) {
  if (json.empty()) return "";
  return fmt::format(" {}={}", name, EscapeForTerminal(audit::PlainText(json)));
}

std::string TextLine(const audit::RecordView& record) {
  std::string line =
      fmt::format("{} {} {}", record.place.sequence, audit::Timestamp(record.place.time_unix_ms),
                  audit::NamesOf(record.kind).name);
  if (record.stage != audit::Stage::kResponseComplete) {
    line += fmt::format(" ({})", audit::NameOf(record.stage));
  }
  line += Words("user", record.user_name.empty() ? record.user_id : record.user_name);
  for (const std::string_view ip : record.source_ips) line += Words("from", ip);
  line += Words("tenant", record.tenant) + Words("name", record.object_name);
  if (record.status != 0) line += fmt::format(" status={}", record.status);
  line += Words("reason", record.reason);
  for (std::size_t at = 0; at < audit::kAnnotationCount; ++at) {
    line += Words(audit::NameOf(static_cast<audit::Annotation>(at)), record.annotations[at]);
  }
  return line;
}

std::string Shown(const std::string& line, const TailArguments& given) {
  const auto record = audit::ReadRecord(line);
  // Nothing of it can be believed: it is shown as what it is, and never as a record.
  if (!record.ok()) return "not a record: " + EscapeForTerminal(Shorten(line, 200));
  if (given.ocsf) return audit::OcsfEvent(record.value());
  return given.json ? line : TextLine(record.value());
}

uint64_t NewestSegment(const std::filesystem::path& log) {
  uint64_t segment = 0;
  std::error_code error;
  while (std::filesystem::exists(log / audit::SegmentPath(segment + 1), error)) ++segment;
  return segment;
}

// From where the lines asked for may begin: a segment holds many.
uint64_t FirstSegment(const TailArguments& given) {
  if (given.all) return 0;
  const uint64_t newest = NewestSegment(given.log);
  return newest - std::min(newest, given.lines / audit::kSegmentRecords + 1);
}

base::Status Follow(audit::LineReader& lines, const TailArguments& given, const Console& console) {
  std::string begun;  // a line of which the end was not written yet
  while (console.out->good()) {
    BH_ASSIGN(const auto line, lines.Next());
    if (!line) {
      console.out->flush();
      std::this_thread::sleep_for(kLookAgain);
      continue;
    }
    begun += line->text;
    if (!line->ended) continue;
    *console.out << Shown(std::exchange(begun, ""), given) << '\n';
  }
  return base::Ok();
}

base::Status Tail(const TailArguments& given, const Console& console) {
  if (!std::filesystem::is_directory(given.log / audit::kRecordsFolder)) {
    return base::OperatorError(base::Code::kNotFound, "no audit log");
  }
  audit::LineReader lines(given.log, FirstSegment(given));
  std::deque<std::string> kept;
  for (;;) {
    BH_ASSIGN(const auto line, lines.Next());
    if (!line) break;
    if (!line->ended) continue;  // being written, or torn
    if (given.all) {
      *console.out << Shown(std::string(line->text), given) << '\n';
      continue;
    }
    kept.emplace_back(line->text);
    if (kept.size() > given.lines) kept.pop_front();
  }
  for (const std::string& line : kept) *console.out << Shown(line, given) << '\n';
  return given.follow ? Follow(lines, given, console) : base::Ok();
}

}  // namespace

int RunAuditTail(const TailArguments& given, const Console& console) {
  const base::Status done = Tail(given, console);
  if (done.ok()) return kSuccess;
  PrintError(console, "audit tail", given.log.string(), done.error());
  return kFailure;
}

}  // namespace bulkhead::cli
