// SPDX-License-Identifier: Apache-2.0
#include "cli/annotate.h"

#include <system_error>
#include <utility>

#include "base/errno_error.h"
#include "base/write_file.h"

namespace bulkhead::cli {
namespace {

base::Status WriteJpeg(const std::filesystem::path& folder, const std::filesystem::path& file,
                       std::span<const std::byte> jpeg) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return base::ErrnoError(failed.value());
  return base::WriteFile(file, jpeg);
}

}  // namespace

base::Status AnnotatedPictures::Write(const std::filesystem::path& folder,
                                      const std::filesystem::path& source,
                                      std::span<const std::byte> jpeg) {
  const std::string stem = source.stem().string();
  std::string name = stem + ".jpg";
  for (int copy = 2; !used_names_.insert(name).second; ++copy) {
    name = stem + "-" + std::to_string(copy) + ".jpg";
  }
  base::Status written = WriteJpeg(folder, folder / name, jpeg);
  if (written.ok()) return written;
  return base::WithContext(std::move(written).error(), (folder / name).string());
}

}  // namespace bulkhead::cli
