// SPDX-License-Identifier: Apache-2.0
// Shares of time as bytes (docs/formats/use_hours.md).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "advice/use_history.h"
#include "base/result.h"

namespace bulkhead::advice {

// At most 5 bytes for each of 51 counts.
std::vector<std::byte> ShareBytes(const ShareCounts& counts);

// kCorrupt: bytes that ShareBytes does not write.
base::Result<ShareCounts> ReadShareBytes(std::span<const std::byte> bytes);

}  // namespace bulkhead::advice
