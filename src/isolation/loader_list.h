// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::isolation {

// A library, and where the loader found it. One that is named by its path has no other name.
struct LoadedLibrary {
  std::string name;
  std::filesystem::path path;
  friend bool operator==(const LoadedLibrary&, const LoadedLibrary&) = default;
};

// What glibc's loader prints for --list, one library a line: "NAME => PATH (ADDRESS)", "PATH
// (ADDRESS)" for one named by path, and the kernel's own without a path, which is left out.
//
// kUnavailable: "NAME => not found"; the detail names it. kInvalid: another kind of line.
base::Result<std::vector<LoadedLibrary>> ParseLoaderList(std::string_view text);

}  // namespace bulkhead::isolation
