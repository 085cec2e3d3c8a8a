// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "base/result.h"
#include "image/image.h"
#include "yolo/detection.h"

namespace bulkhead::cli {

// The annotated pictures of one run. Each is a JPEG named after its source ("a.png" -> "a.jpg"); a
// second source of the same name gets "-2", so that no picture of a run replaces another.
class AnnotatedPictures {
 public:
  // Draws the result into `picture` and writes it into the folder, which is made when missing.
  // Errors are those of base::WriteFile and image::EncodeJpeg, with the file's name before them.
  base::Status Write(const std::filesystem::path& folder, const std::filesystem::path& source,
                     const yolo::ImageResult& result, std::span<const std::string> class_names,
                     image::Image& picture);

 private:
  std::set<std::string> used_names_;
};

}  // namespace bulkhead::cli
