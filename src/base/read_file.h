// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace bulkhead::base {

// The whole content of a regular file.
//
// kNotFound: no such file. kDenied: it may not be read. kInvalid: a directory, a device or another
// thing that is not a regular file. kExhausted: more than max_bytes, found before allocating.
Result<std::vector<std::byte>> ReadFile(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace bulkhead::base
