// SPDX-License-Identifier: Apache-2.0
// Records of a ledger by their position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "meter/record_codec.h"

namespace bulkhead::meter {

struct PlacedEntry {
  uint64_t position = 0;  // records before it, over all segments
  RecordId id;
  Entry entry;
};

// Gives the records of [from, to) to `each`, in their order; an error of `each` ends it and is
// returned. `to` is at most Ledger::position() of a ledger that is open, so that nothing is read
// that a crash may still take away.
//
// kInvalid: from > to. kCorrupt: a record of the range is damaged or not there. kUnavailable: a
// file cannot be read. Blocks on the disk; reads from the beginning of the segment that holds
// `from`.
base::Status ReadEntries(const std::filesystem::path& folder, uint64_t from, uint64_t to,
                         const std::function<base::Status(PlacedEntry)>& each);

}  // namespace bulkhead::meter
