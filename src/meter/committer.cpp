// SPDX-License-Identifier: Apache-2.0
#include "meter/committer.h"

#include <utility>

#include <sys/prctl.h>

#include "meter/group.h"
#include "meter/record_codec.h"

namespace bulkhead::meter {

Ledger::Committer::Committer(base::UniqueFd lock, std::filesystem::path folder,
                             LedgerOptions options, const SegmentHeader& header,
                             SegmentWriter writer, Recovery recovery)
    : lock_(std::move(lock)),
      folder_(std::move(folder)),
      options_(std::move(options)),
      ledger_id_(header.ledger_id),
      epoch_(header.epoch),
      recovery_(recovery),
      mark_(header.mark),
      position_(header.position),
      writer_(std::move(writer)) {
  forming_.bytes.resize(kGroupHeaderBytes);
  thread_ = std::thread([this] { Run(); });
}

Ledger::Committer::~Committer() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::optional<base::Error> Ledger::Committer::Refusal() const {
  if (broken_) return broken_;
  if (forming_.waiting.size() < options_.waiting_max &&
      forming_.bytes.size() + kRecordBytesMax <= kGroupHeaderBytes + kGroupBodyBytesMax) {
    return std::nullopt;
  }
  return base::OperatorError(base::Code::kExhausted, "too many records wait for the disk");
}

template <typename Encode>
void Ledger::Committer::Add(Encode encode, Done done) {
  std::unique_lock lock(mutex_);
  if (std::optional<base::Error> refused = Refusal()) {
    lock.unlock();
    return done(*std::move(refused));
  }
  const bool first = forming_.waiting.empty();
  encode(forming_);
  forming_.waiting.push_back(std::move(done));
  lock.unlock();
  // Later ones find the thread awake or about to look.
  if (first) wake_.notify_one();
}

void Ledger::Committer::Append(const FrameRecord& record, Done done) {
  Add([&record](Batch& batch) { EncodeRecord(record, batch.bytes); }, std::move(done));
}

void Ledger::Committer::AppendMark(const ExportMark& mark, Done done) {
  Add(
      [&mark](Batch& batch) {
        EncodeMark(mark, batch.bytes);
        batch.mark = mark;
      },
      std::move(done));
}

std::optional<ExportMark> Ledger::Committer::mark() const {
  const std::lock_guard guard(mutex_);
  return mark_;
}

void Ledger::Committer::Run() {
  ::prctl(PR_SET_NAME, "ledger");  // for whoever asks what spends time
  Batch batch;
  for (;;) {
    batch.bytes.resize(kGroupHeaderBytes);
    batch.waiting.clear();
    batch.mark.reset();
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !forming_.waiting.empty(); });
      if (forming_.waiting.empty()) break;
      std::swap(batch, forming_);
    }
    Commit(batch);
  }
  const std::lock_guard guard(mutex_);
  // If it fails, what opens the ledger next does it.
  if (!broken_) (void)writer_.Finish();
}

void Ledger::Committer::Commit(Batch& batch) {
  const base::Status written = Write(batch);
  const uint64_t first_sequence = writer_.next_sequence() - batch.waiting.size();
  if (written.ok()) {
    position_.fetch_add(batch.waiting.size(), std::memory_order_release);
    if (batch.mark) {
      const std::lock_guard guard(mutex_);
      mark_ = batch.mark;
    }
  }
  for (std::size_t at = 0; at < batch.waiting.size(); ++at) {
    // Moved out, so that what it holds is released as soon as it ran.
    const Done done = std::move(batch.waiting[at]);
    if (written.ok()) {
      done(RecordId{.epoch = epoch_, .sequence = first_sequence + at});
    } else {
      done(written.error());
    }
  }
  if (options_.after_group) options_.after_group();
}

base::Status Ledger::Committer::Write(Batch& batch) {
  {
    const std::lock_guard guard(mutex_);
    if (broken_) return *broken_;
  }
  base::Status written = NextSegment(batch.bytes.size());
  if (written.ok()) {
    written = writer_.Append(batch.bytes, static_cast<uint32_t>(batch.waiting.size()));
  }
  if (written.ok() || written.error().code == base::Code::kExhausted) return written;
  const std::lock_guard guard(mutex_);
  broken_ = base::OperatorError(base::Code::kUnavailable,
                                "the ledger's disk failed: " + written.error().detail);
  return *broken_;
}

base::Status Ledger::Committer::NextSegment(std::size_t group_bytes) {
  const bool has_group = writer_.bytes() > kSegmentHeaderBytes;
  if (!has_group || writer_.bytes() + group_bytes <= options_.segment_bytes_max) return base::Ok();
  SegmentHeader header = writer_.NextHeader();
  header.mark = mark();
  BH_TRY(writer_.Finish());
  BH_ASSIGN(writer_, SegmentWriter::Create(folder_, header, RoomOf(options_)));
  return base::Ok();
}

}  // namespace bulkhead::meter
