// SPDX-License-Identifier: Apache-2.0
// The ledger's thread: writes what was appended and calls back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "meter/ledger.h"
#include "meter/segment_writer.h"

namespace bulkhead::meter {

inline ReservedRoom RoomOf(const LedgerOptions& options) {
  return {.step_bytes = options.reserve_bytes, .segment_bytes_max = options.segment_bytes_max};
}

class Ledger::Committer {
 public:
  Committer(base::UniqueFd lock, std::filesystem::path folder, LedgerOptions options,
            const SegmentHeader& header, SegmentWriter writer, Recovery recovery);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer();

  // The record or mark was checked.
  void Append(const FrameRecord& record, Done done);
  void AppendMark(const ExportMark& mark, Done done);

  [[nodiscard]] const std::string& ledger_id() const { return ledger_id_; }
  [[nodiscard]] uint64_t epoch() const { return epoch_; }
  [[nodiscard]] const Recovery& recovery() const { return recovery_; }
  [[nodiscard]] uint64_t position() const { return position_.load(std::memory_order_acquire); }
  [[nodiscard]] std::optional<ExportMark> mark() const;

 private:
  // What shares one write: room for a group's header, then its records.
  struct Batch {
    std::vector<std::byte> bytes;
    std::vector<Done> waiting;
    std::optional<ExportMark> mark;
  };

  // Puts a record into the forming batch by `encode`, or refuses it.
  template <typename Encode>
  void Add(Encode encode, Done done);
  [[nodiscard]] std::optional<base::Error> Refusal() const;

  void Run();
  void Commit(Batch& batch);
  base::Status Write(Batch& batch);
  base::Status NextSegment(std::size_t group_bytes);

  const base::UniqueFd lock_;
  const std::filesystem::path folder_;
  const LedgerOptions options_;
  const std::string ledger_id_;
  const uint64_t epoch_;
  const Recovery recovery_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Batch forming_;                      // guarded by mutex_
  bool stopping_ = false;              // guarded by mutex_
  std::optional<base::Error> broken_;  // guarded by mutex_; for good
  std::optional<ExportMark> mark_;     // guarded by mutex_

  std::atomic<uint64_t> position_;
  SegmentWriter writer_;  // the thread's own
  std::thread thread_;
};

}  // namespace bulkhead::meter
