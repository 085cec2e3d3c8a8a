// SPDX-License-Identifier: Apache-2.0
// What a ledger's folder holds, before it is written to again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "meter/segment_header.h"

namespace bulkhead::meter {

struct RecoveredLedger {
  // Of the segment to write next: a new epoch after all that is there.
  SegmentHeader next;
  uint64_t torn_bytes = 0;
};

// Checks that the segments follow each other and reads the last one; cuts its torn tail off and
// makes that durable. nullopt: there is no segment. The caller holds the folder's lock.
//
// kCorrupt: what was acknowledged is damaged or missing; nothing was changed. kUnsupported: written
// by a later release. Otherwise as base::LockFolder.
base::Result<std::optional<RecoveredLedger>> Recover(const std::filesystem::path& folder);

}  // namespace bulkhead::meter
