// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.h"

namespace bulkhead::base {

// When the bytes and the name survive a loss of power: some time later, or on return.
enum class Durable : bool { kLater, kNow };

// Writes a file whole or not at all: the bytes go to a temporary file in the same folder, which is
// renamed over `path` when complete. A failure leaves an earlier file of that name as it was.
//
// The file gets the mode of any new one. Safe from several threads, and for several files of one
// name: the last one stays.
//
// kNotFound: the folder is missing. kDenied: it may not be written. kUnavailable: any other refusal
// of the system, such as a full disk.
Status WriteFile(const std::filesystem::path& path, std::span<const std::byte> content,
                 Durable durable = Durable::kLater);

}  // namespace bulkhead::base
