// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::isolation {

// The paths in what glibc's loader prints for --list, one library a line: "NAME => PATH (ADDRESS)",
// "PATH (ADDRESS)" for one named by path, and the kernel's own without a path, which is left out.
//
// kUnavailable: "NAME => not found"; the detail names it. kInvalid: another kind of line.
base::Result<std::vector<std::filesystem::path>> ParseLoaderList(std::string_view text);

}  // namespace bulkhead::isolation
