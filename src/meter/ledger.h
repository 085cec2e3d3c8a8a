// SPDX-License-Identifier: Apache-2.0
// The ledger of metered frames: an append-only folder of segment files, the truth of what was used.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

struct LedgerOptions {
  uint64_t segment_bytes_max = uint64_t{64} << 20;
  // Records that wait for one fdatasync at most; further ones are refused with kExhausted.
  std::size_t waiting_max = 65'536;
};

// What opening found.
struct Recovery {
  uint64_t torn_bytes = 0;  // cut off the last segment's end: never acknowledged
  uint64_t records = 0;
};

// Any thread may append. One thread of its own writes and syncs: records that wait together share
// one write and one fdatasync (group commit).
class Ledger {
 public:
  // Called on the ledger's thread once the record is durable, or never will be. Must not block.
  using Done = std::function<void(base::Result<RecordId>)>;

  // Makes the folder if missing, holds its lock, cuts a torn tail and raises the epoch durably.
  // kConflict: another process holds it. kCorrupt: a record before the tail is damaged, or a
  // segment is missing; nothing is changed then, and `bulkhead ledger verify` says where.
  // kExhausted: no room. kUnavailable: anything else of the file system.
  static base::Result<std::unique_ptr<Ledger>> Open(const std::filesystem::path& folder,
                                                    const LedgerOptions& options = {});
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();  // waits for what was appended

  // Never blocks on the disk. The result must not be released before `done` said Ok. kExhausted:
  // no room on the disk or in the queue: nothing was written, and a later append may succeed.
  // kUnavailable, for good: an fdatasync failed, so nobody knows what is on the disk; open again.
  void Append(FrameRecord record, Done done);

  // Opaque and stable: part of every receipt and of exported identities.
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] uint64_t epoch() const;
  [[nodiscard]] const Recovery& recovery() const;
};

}  // namespace bulkhead::meter
