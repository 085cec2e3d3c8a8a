// SPDX-License-Identifier: Apache-2.0
#include "cli/annotate.h"

#include <system_error>
#include <utility>

#include "base/errno_error.h"
#include "base/write_file.h"
#include "image/encode.h"
#include "yolo/draw.h"

namespace bulkhead::cli {
namespace {

constexpr int kJpegQuality = 90;

base::Status WriteJpeg(const std::filesystem::path& folder, const std::filesystem::path& file,
                       const image::Image& picture) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return base::ErrnoError(failed.value());
  BH_ASSIGN(const auto encoded, image::EncodeJpeg(picture, kJpegQuality));
  return base::WriteFile(file, encoded);
}

}  // namespace

base::Status AnnotatedPictures::Write(const std::filesystem::path& folder,
                                      const std::filesystem::path& source,
                                      const yolo::ImageResult& result,
                                      std::span<const std::string> class_names,
                                      image::Image& picture) {
  const std::string stem = source.stem().string();
  std::string name = stem + ".jpg";
  for (int copy = 2; !used_names_.insert(name).second; ++copy) {
    name = stem + "-" + std::to_string(copy) + ".jpg";
  }
  yolo::DrawResult(result, class_names, picture);
  base::Status written = WriteJpeg(folder, folder / name, picture);
  if (written.ok()) return written;
  return base::WithContext(std::move(written).error(), (folder / name).string());
}

}  // namespace bulkhead::cli
