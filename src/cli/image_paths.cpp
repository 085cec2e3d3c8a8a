// SPDX-License-Identifier: Apache-2.0
#include "cli/image_paths.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/errno_error.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

bool HasImageExtension(const fs::path& path) {
  static constexpr std::array<std::string_view, 4> kExtensions{".jpg", ".jpeg", ".png", ".webp"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

base::Result<Paths> ImagesOfFolder(const fs::path& folder) {
  std::error_code failed;
  Paths images;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code ignored;
    if (HasImageExtension(entry->path()) && entry->is_regular_file(ignored)) {
      images.push_back(entry->path());
    }
  }
  if (failed) return base::WithContext(base::ErrnoError(failed.value()), folder.string());
  if (images.empty()) {
    return base::PublicError(
        base::Code::kInvalid,
        folder.string() + ": no .jpg, .jpeg, .png or .webp file in this folder");
  }
  std::sort(images.begin(), images.end());
  return images;
}

}  // namespace

base::Result<Paths> FindImages(const std::vector<std::string>& arguments) {
  Paths images;
  for (const std::string& argument : arguments) {
    std::error_code failed;
    const fs::file_status status = fs::status(argument, failed);
    if (!fs::exists(status)) {
      return base::WithContext(base::ErrnoError(failed ? failed.value() : ENOENT), argument);
    }
    if (!fs::is_directory(status)) {
      images.emplace_back(argument);
      continue;
    }
    BH_ASSIGN(const Paths found, ImagesOfFolder(argument));
    images.insert(images.end(), found.begin(), found.end());
  }
  return images;
}

}  // namespace bulkhead::cli
