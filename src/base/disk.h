// SPDX-License-Identifier: Apache-2.0
// Steps of whoever keeps files that must survive a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::base {

// As ErrnoError; kExhausted also where a disk, a quota or a limit of size leaves no room.
Error FileError(int error_number);
// The same, with what was being done.
Error DiskError(int error_number, std::string_view what);

// Makes durable which files there are.
Status SyncFolder(const std::filesystem::path& folder);

// Makes the folder (0700) if it is missing, and holds its file `lock` until the descriptor is
// closed. kConflict: another process holds it.
Result<UniqueFd> LockFolder(const std::filesystem::path& folder);

// All of it; not durable yet. After an error any part of it may be there.
Status WriteAt(int file, uint64_t offset, std::span<const std::byte> bytes);

}  // namespace bulkhead::base
