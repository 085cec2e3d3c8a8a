// SPDX-License-Identifier: Apache-2.0
#include "meter/export.h"

#include <future>
#include <optional>
#include <utility>
#include <variant>

#include "meter/read_entries.h"

namespace bulkhead::meter {
namespace {

int64_t BilledFrames(const UsageKey& key, const UsageAmounts& amounts) {
  const auto frames = static_cast<int64_t>(amounts.frames);
  switch (key.outcome) {
    case Outcome::kOk:
      return frames;
    case Outcome::kFailed:
      return 0;
    case Outcome::kUndelivered:
      return -frames;
  }
  return 0;
}

// Where the first record of an hour that is not over lies: what is before it can be given. A record
// from the future, of a clock that was put right since, holds nothing up.
base::Result<uint64_t> EndOfHours(const std::filesystem::path& folder, uint64_t from, uint64_t to,
                                  int64_t hours_end, int64_t now) {
  std::optional<uint64_t> end;
  const base::Error found = base::OperatorError(base::Code::kConflict, "found");
  const base::Status read =
      ReadEntries(folder, from, to, [&](const PlacedEntry& placed) -> base::Status {
        const auto* record = std::get_if<FrameRecord>(&placed.entry);
        const bool open =
            record != nullptr && record->time_unix_ms >= hours_end && record->time_unix_ms <= now;
        if (!open) return base::Ok();
        end = placed.position;
        return found;
      });
  if (end) return *end;
  BH_TRY(read);
  return to;
}

base::Status Mark(Ledger& ledger, const ExportMark& mark) {
  std::promise<base::Result<RecordId>> promise;
  auto answer = promise.get_future();
  ledger.AppendMark(
      mark, [&promise](base::Result<RecordId> result) { promise.set_value(std::move(result)); });
  BH_TRY(answer.get());
  return base::Ok();
}

// The mark of an export that was begun and not done.
base::Result<std::optional<ExportMark>> Interrupted(const std::optional<ExportMark>& last,
                                                    int64_t now, const ExportOptions& options) {
  if (!last || last->step == ExportStep::kDone) return std::optional<ExportMark>();
  if (options.replay_old || now - last->time_unix_ms < options.replay_window.count()) return last;
  return base::OperatorError(base::Code::kConflict,
                             "an interrupted export is older than its receiver remembers ids: "
                             "compare the receiver's totals first, then ask to replay it");
}

// Marks the begin of what is to be given now; nullopt: nothing is.
base::Result<std::optional<ExportMark>> Begin(Ledger& ledger, const std::filesystem::path& folder,
                                              int64_t now, const ExportOptions& options) {
  const int64_t settled = now - options.settle.count();
  if (settled < 0) return std::optional<ExportMark>();
  const std::optional<ExportMark> last = ledger.export_mark();
  ExportMark mark{.step = ExportStep::kBegun,
                  .hours_end_unix_ms = settled - settled % kHourMs,
                  .from = last ? last->to : 0,
                  .time_unix_ms = now};
  // Until the next hour is over only marks can have come.
  if (last && last->hours_end_unix_ms >= mark.hours_end_unix_ms) return std::optional<ExportMark>();
  BH_ASSIGN(mark.to, EndOfHours(folder, mark.from, ledger.position(), mark.hours_end_unix_ms, now));
  if (mark.to == mark.from) return std::optional<ExportMark>();
  BH_TRY(Mark(ledger, mark));
  return std::optional(mark);
}

}  // namespace

base::Result<std::vector<UsageEvent>> MakeEvents(const std::filesystem::path& folder,
                                                 const std::string& ledger_id, uint64_t from,
                                                 uint64_t to) {
  BH_ASSIGN(const UsageStep step, CountUsage(folder, from, to, to - from));
  std::vector<UsageEvent> events;
  for (const auto& [key, amounts] : step.totals) {
    events.push_back({.id = ledger_id + "-" + std::to_string(from) + "-" + std::to_string(to) +
                            "-" + std::to_string(events.size()),
                      .ledger_id = ledger_id,
                      .key = key,
                      .amounts = amounts,
                      .billed_frames = BilledFrames(key, amounts)});
  }
  return events;
}

base::Result<std::optional<ExportBatch>> BeginExport(Ledger& ledger,
                                                     const std::filesystem::path& folder,
                                                     int64_t now_unix_ms,
                                                     const ExportOptions& options) {
  BH_ASSIGN(std::optional<ExportMark> mark,
            Interrupted(ledger.export_mark(), now_unix_ms, options));
  ExportBatch batch;
  batch.again = mark.has_value();
  if (!mark) {
    BH_ASSIGN(mark, Begin(ledger, folder, now_unix_ms, options));
  }
  if (!mark) return std::optional<ExportBatch>();
  batch.from = mark->from;
  batch.to = mark->to;
  BH_ASSIGN(batch.events, MakeEvents(folder, ledger.id(), mark->from, mark->to));
  return std::optional(std::move(batch));
}

base::Status EndExport(Ledger& ledger, int64_t now_unix_ms, uint64_t from, uint64_t to) {
  const std::optional<ExportMark> last = ledger.export_mark();
  if (!last || last->from != from || last->to != to) {
    return base::OperatorError(base::Code::kConflict,
                               "this is not the export that was begun last; begin again");
  }
  if (last->step == ExportStep::kDone) return base::Ok();
  ExportMark done = *last;
  done.step = ExportStep::kDone;
  done.time_unix_ms = now_unix_ms;
  return Mark(ledger, done);
}

}  // namespace bulkhead::meter
