// SPDX-License-Identifier: Apache-2.0
// The ledger of metered frames: an append-only folder of segment files, the truth of what was used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "meter/export_mark.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

struct LedgerOptions {
  uint64_t segment_bytes_max = uint64_t{64} << 20;
  // How far a segment's file runs ahead of its records, so that an fdatasync waits for data alone.
  uint64_t reserve_bytes = uint64_t{1} << 20;
  // Records that wait for one fdatasync at most; further ones are refused with kExhausted. At most
  // 65,536.
  std::size_t waiting_max = 65'536;
  // Called on the ledger's thread when all callbacks of one fdatasync have run: what they collected
  // can be handed on at once. Must not block.
  std::function<void()> after_group;
};

// What opening found.
struct Recovery {
  uint64_t torn_bytes = 0;  // cut off the last segment's end: never acknowledged
  uint64_t records = 0;     // of all segments
};

// Any thread may append. One thread of its own writes and syncs: records that wait together share
// one write and one fdatasync (group commit).
class Ledger {
 public:
  // Called exactly once: on the ledger's thread when the record is durable or never will be, or
  // within Append when it is refused at once. No lock is held. Must not block.
  using Done = std::function<void(base::Result<RecordId>)>;

  // Makes the folder if missing, holds its lock, cuts a torn tail and raises the epoch durably.
  // kConflict: another process holds it. kCorrupt: a record of the last segment before its tail is
  // damaged, or a segment is missing, cut or misplaced; nothing is changed then, and `bulkhead
  // ledger verify` says where. Of earlier segments the headers and lengths are read, so that the
  // time does not grow with the ledger; Verify reads everything. kExhausted: no room. kDenied,
  // kUnavailable: anything else of the file system.
  static base::Result<std::unique_ptr<Ledger>> Open(const std::filesystem::path& folder,
                                                    const LedgerOptions& options = {});
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();  // waits for what was appended

  // Never blocks on the disk. The result must not be released before `done` said Ok. kExhausted:
  // no room on the disk or in the queue: nothing was written, and a later append may succeed.
  // kUnavailable, for good: an fdatasync failed, so nobody knows what is on the disk; open again.
  // kInvalid: the record is none that the format can hold (record_codec.h).
  void Append(const FrameRecord& record, Done done);
  // For export.h.
  void AppendMark(const ExportMark& mark, Done done);

  // Opaque and stable: part of every receipt and of exported identities.
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] uint64_t epoch() const;
  [[nodiscard]] const Recovery& recovery() const;
  // How many records are durable, those of earlier epochs included: readers of the folder may count
  // up to here (usage.h).
  [[nodiscard]] uint64_t position() const;
  // The last one that is durable.
  [[nodiscard]] std::optional<ExportMark> export_mark() const;

 private:
  class Committer;
  explicit Ledger(std::unique_ptr<Committer> committer);
  std::unique_ptr<Committer> committer_;
};

}  // namespace bulkhead::meter
