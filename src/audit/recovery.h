// SPDX-License-Identifier: Apache-2.0
// What opening a log finds, and puts right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "audit/merkle.h"
#include "audit/record.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

struct FullTile {
  std::size_t level = 0;
  uint64_t index = 0;
  std::vector<Hash> hashes;
};

struct LogState {
  Tree tree;                             // of all records
  std::vector<FullTile> unsigned_tiles;  // full since the newest checkpoint, and not written
  RecordPlace last;                      // of the newest record; its hash in `next_previous`
  Hash next_previous{};                  // what the next record names
  uint64_t segment_bytes = 0;            // of the segment that the next record goes to
  uint64_t signed_size = 0;
  uint64_t cut_bytes = 0;
  bool rebuilt_tiles = false;
  bool is_new = false;  // there was no log
};

// The caller holds the lock. Cuts a torn tail and makes all that is left durable; makes tiles anew
// that do not give the checkpoint's root. Changes nothing else, and nothing where it fails.
// Errors as of Log::Open.
base::Result<LogState> Recover(const std::filesystem::path& log, const VerifierKey& key);

// Whether a line that is no record, or not the next one, can be what a crash left of a record that
// was never acknowledged: told from the records behind it, which show what was synced before them.
class TornTail {
 public:
  explicit TornTail(uint64_t next_sequence) : next_(next_sequence) {}
  void See(std::string_view line);
  [[nodiscard]] bool acknowledged() const { return acknowledged_; }

 private:
  uint64_t next_;
  bool acknowledged_ = false;
};

// Whether a record follows another one: the next sequence, its hash, a group of its own or the
// same, no earlier time. Empty: it does; else what is wrong.
std::string_view WrongPlace(const RecordPlace& record, uint64_t sequence, const RecordPlace& before,
                            const Hash& before_hash);

}  // namespace bulkhead::audit
