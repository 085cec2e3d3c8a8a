// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "base/result.h"

namespace bulkhead::cli {

// The annotated pictures of one run. Each is a JPEG named after its source ("a.png" -> "a.jpg"); a
// second source of the same name gets "-2", so that no picture of a run replaces another.
class AnnotatedPictures {
 public:
  // Writes the annotated JPEG of `source` into the folder, which is made when missing. Errors are
  // those of base::WriteFile, with the file's name before them.
  base::Status Write(const std::filesystem::path& folder, const std::filesystem::path& source,
                     std::span<const std::byte> jpeg);

 private:
  std::set<std::string> used_names_;
};

}  // namespace bulkhead::cli
