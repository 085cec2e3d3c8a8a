// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::compartment {

// A model file copied into a memfd, by the kernel: its bytes never enter this process, never get a
// name in a file system, and are gone when the last descriptor is closed. The worker that receives
// it wipes it.
//
// Errors as base::ReadFile: kNotFound, kDenied, kInvalid (not a regular file, or empty),
// kExhausted (over `bytes_max`, or no memory).
base::Result<base::UniqueFd> LoadWeights(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace bulkhead::compartment
