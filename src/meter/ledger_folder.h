// SPDX-License-Identifier: Apache-2.0
// The files of a ledger's folder: `lock`, and `0000000001.segment` and on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulkhead::meter {

// At least ten digits.
std::string SegmentName(uint64_t number);

// The numbers of the segments that are there, rising. Other files are passed over. kNotFound: no
// such folder.
base::Result<std::vector<uint64_t>> ListSegments(const std::filesystem::path& folder);

}  // namespace bulkhead::meter
