// SPDX-License-Identifier: Apache-2.0
// The files of a ledger's folder: `lock`, and `0000000001.segment` and on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::meter {

// At least ten digits.
std::string SegmentName(uint64_t number);

// The numbers of the segments that are there, rising. Other files are passed over. kNotFound: no
// such folder.
base::Result<std::vector<uint64_t>> ListSegments(const std::filesystem::path& folder);

// Makes the folder if it is missing, and holds it until the descriptor is closed. kConflict:
// another process holds it.
base::Result<base::UniqueFd> LockFolder(const std::filesystem::path& folder);

// Makes durable which files there are.
base::Status SyncFolder(const std::filesystem::path& folder);

// A system call's errno; kExhausted also where a disk, a quota or a limit of size leaves no room.
base::Error DiskError(int error_number, std::string_view what);

}  // namespace bulkhead::meter
