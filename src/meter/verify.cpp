// SPDX-License-Identifier: Apache-2.0
#include "meter/verify.h"

#include <map>
#include <utility>
#include <variant>

#include "meter/ledger_folder.h"
#include "meter/segment_reader.h"

namespace bulkhead::meter {
namespace {

// Where a finding is.
struct Place {
  uint64_t segment = 0;
  uint64_t offset = 0;
};

class Verification {
 public:
  base::Status ReadSegment(const std::filesystem::path& folder, uint64_t number, bool last);
  VerifyReport Take() && { return std::move(report_); }

 private:
  void Find(Place place, std::string what) {
    report_.findings.push_back({SegmentName(place.segment), place.offset, std::move(what)});
  }
  void CheckStart(const SegmentReader& reader);
  base::Status ReadGroups(SegmentReader& reader);
  base::Status CheckEnd(SegmentReader& reader, bool last);
  // Both look back, which says nothing once something is missing.
  void Count(Place place, RecordId id, const FrameRecord& record);
  void CheckMark(Place place, uint64_t position, const ExportMark& mark);

  VerifyReport report_;
  uint64_t number_ = 0;  // of the segment that is read
  // The segment before, as it was found; nullopt: there was none, or it could not be read.
  std::optional<SegmentHeader> before_;
  PreviousSegment before_end_;
  uint64_t before_next_sequence_ = 1;
  std::map<uint64_t, uint64_t> last_sequences_;  // of each epoch
  std::optional<ExportMark> mark_;
};

void Verification::CheckStart(const SegmentReader& reader) {
  const SegmentHeader& header = reader.header();
  const Place start{.segment = header.number};
  if (header.number != 1 && !before_) {
    // The finding is there already.
    mark_ = header.mark;
    return;
  }
  const auto wrong = WrongLink(before_ ? &*before_ : nullptr, before_end_.bytes, header);
  if (wrong) return Find(start, *wrong);
  if (!before_) return;
  if (header.previous.last_checksum != before_end_.last_checksum) {
    Find(start, "the segment before it ends with another group");
  }
  const uint64_t records = before_next_sequence_ - before_->first_sequence;
  if (header.position - before_->position != records) {
    Find(start, "the segment before it has another number of records");
  }
  if (header.mark != mark_) Find(start, "another last export than the segments before it have");
}

void Verification::Count(Place place, RecordId id, const FrameRecord& record) {
  OutcomeTotal& total = record.outcome == Outcome::kOk       ? report_.ok
                        : record.outcome == Outcome::kFailed ? report_.failed
                                                             : report_.undelivered;
  ++total.records;
  total.frames += record.frames;
  if (record.outcome != Outcome::kUndelivered || !report_.sound()) return;
  const auto epoch = last_sequences_.find(record.about.epoch);
  const bool given =
      record.about < id && epoch != last_sequences_.end() && record.about.sequence <= epoch->second;
  if (!given) Find(place, "a record takes back one that was never given");
}

void Verification::CheckMark(Place place, uint64_t position, const ExportMark& mark) {
  ++report_.exports;
  const uint64_t expected = !mark_ ? 0 : mark_->step == ExportStep::kDone ? mark_->to : mark_->from;
  const bool follows = mark.from == expected && mark.to <= position;
  const bool completes = mark.step == ExportStep::kBegun ||
                         (mark_ && mark_->step == ExportStep::kBegun && mark_->to == mark.to);
  if (report_.sound() && !(follows && completes))
    Find(place, "an export that does not follow the one before it");
  mark_ = mark;
}

base::Status Verification::ReadGroups(SegmentReader& reader) {
  const SegmentHeader& header = reader.header();
  for (;;) {
    BH_ASSIGN(const std::optional<Group> group, reader.Next());
    if (!group) return base::Ok();
    const Place place{.segment = header.number, .offset = group->offset};
    uint64_t sequence = group->header.first_sequence;
    const base::Status read =
        ForEachEntry(group->body, group->header.records, [&](const Entry& entry) {
          const RecordId id{.epoch = header.epoch, .sequence = sequence};
          const uint64_t position = header.position + (sequence - header.first_sequence);
          last_sequences_[header.epoch] = sequence++;
          ++report_.records;
          if (const auto* record = std::get_if<FrameRecord>(&entry)) Count(place, id, *record);
          if (const auto* mark = std::get_if<ExportMark>(&entry)) CheckMark(place, position, *mark);
          return base::Ok();
        });
    if (!read.ok()) Find(place, read.error().detail);
  }
}

base::Status Verification::CheckEnd(SegmentReader& reader, bool last) {
  BH_ASSIGN(const Tail tail, reader.ExamineTail());
  if (tail == Tail::kNone) return base::Ok();
  if (last && tail == Tail::kTorn) {
    report_.torn_bytes = reader.bytes() - reader.end();
  } else if (!last || tail == Tail::kDamaged) {
    Find({.segment = reader.header().number, .offset = reader.end()}, reader.problem());
  }
  return base::Ok();
}

base::Status Verification::ReadSegment(const std::filesystem::path& folder, uint64_t number,
                                       bool last) {
  if (number != ++number_) {
    Find({.segment = number}, "the segment before it is missing");
    before_.reset();
    number_ = number;
  }
  ++report_.segments;
  auto opened = SegmentReader::Open(folder, number);
  if (!opened.ok()) {
    const base::Error& error = opened.error();
    if (error.code != base::Code::kCorrupt && error.code != base::Code::kUnsupported) return error;
    Find({.segment = number}, error.detail);
    before_.reset();
    return base::Ok();
  }
  SegmentReader reader = std::move(opened).value();
  const SegmentHeader& header = reader.header();
  if (report_.ledger_id.empty()) report_.ledger_id = header.ledger_id;
  if (!last_sequences_.contains(header.epoch)) {
    ++report_.epochs;
    last_sequences_[header.epoch] = header.first_sequence - 1;
  }
  CheckStart(reader);
  BH_TRY(ReadGroups(reader));
  BH_TRY(CheckEnd(reader, last));
  report_.bytes += reader.end() + report_.torn_bytes;
  before_ = header;
  before_end_ = reader.AsPrevious();
  before_end_.bytes = reader.bytes();
  before_next_sequence_ = reader.next_sequence();
  return base::Ok();
}

}  // namespace

base::Result<VerifyReport> Verify(const std::filesystem::path& folder) {
  BH_ASSIGN(const std::vector<uint64_t> numbers, ListSegments(folder));
  if (numbers.empty()) {
    return base::OperatorError(base::Code::kNotFound, "no ledger in " + folder.string());
  }
  Verification verification;
  for (const uint64_t number : numbers) {
    BH_TRY(verification.ReadSegment(folder, number, number == numbers.back()));
  }
  return std::move(verification).Take();
}

}  // namespace bulkhead::meter
