// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <utility>

#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/private_folder.h"
#include "store/model_files.h"

namespace bulkhead::store {

using base::Code;

ModelUpload::ModelUpload(ModelFiles& files, ModelFile target, std::string name, base::UniqueFd file)
    : files_(&files), target_(std::move(target)), name_(std::move(name)), file_(std::move(file)) {}

ModelUpload::ModelUpload(ModelUpload&& other) noexcept
    : files_(other.files_),
      target_(std::move(other.target_)),
      name_(std::exchange(other.name_, "")),
      file_(std::move(other.file_)) {}

ModelUpload::~ModelUpload() {
  if (!name_.empty()) ::unlinkat(files_->uploads_.get(), name_.c_str(), 0);
}

base::Status ModelUpload::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return base::Ok();
}

base::Status ModelUpload::CopyFrom(int file, uint64_t offset) {
  constexpr std::size_t kPieceBytes = std::size_t{1} << 24U;
  auto at = static_cast<off_t>(offset);
  while (true) {
    const ssize_t count = ::sendfile(file_.get(), file, &at, kPieceBytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    if (count == 0) return base::Ok();
  }
}

base::Status ModelUpload::Finish() {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return base::FileError(errno);
  if (status.st_size == 0) return base::PublicError(Code::kInvalid, "the model is empty");
  BH_TRY(base::SyncFd(file_.get()));
  BH_TRY(files_->Keep(name_, target_));
  name_.clear();
  return base::Ok();
}

}  // namespace bulkhead::store
