// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulkhead::cli {

// The pictures that arguments name: a file stands for itself whatever its name, a folder for the
// files directly in it that end in .jpg, .jpeg, .png or .webp (any case), sorted by name.
//
// kNotFound or kDenied: an argument that is not there or may not be read. kInvalid: a folder
// without pictures.
base::Result<std::vector<std::filesystem::path>> FindImages(
    const std::vector<std::string>& arguments);

}  // namespace bulkhead::cli
