// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "base/checked_math.h"
#include "base/disk.h"
#include "base/private_folder.h"
#include "store/model_files.h"

namespace bulkhead::store {

using base::Code;

ModelUpload::ModelUpload(ModelFiles& files, tenant::TenantId tenant, std::string name,
                         base::UniqueFd file, uint64_t bytes_max)
    : files_(&files),
      tenant_(std::move(tenant)),
      name_(std::move(name)),
      file_(std::move(file)),
      bytes_max_(bytes_max) {}

ModelUpload::ModelUpload(ModelUpload&& other) noexcept
    : files_(other.files_),
      tenant_(std::move(other.tenant_)),
      name_(std::exchange(other.name_, "")),
      file_(std::move(other.file_)),
      bytes_max_(other.bytes_max_),
      bytes_(other.bytes_),
      digest_(std::move(other.digest_)),
      state_(std::move(other.state_)) {}

ModelUpload::~ModelUpload() {
  if (!name_.empty()) ::unlinkat(files_->uploads_.get(), name_.c_str(), 0);
}

base::Status ModelUpload::Write(std::span<const std::byte> bytes) {
  if (state_.ok()) state_ = WriteAll(bytes);
  return state_;
}

base::Status ModelUpload::WriteAll(std::span<const std::byte> bytes) {
  const auto total = base::CheckedAdd<uint64_t>(bytes_, bytes.size());
  if (!total || *total > bytes_max_) {
    return base::PublicError(Code::kExhausted,
                             "the model has more than " + std::to_string(bytes_max_) + " bytes");
  }
  digest_.Update(bytes);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  bytes_ = *total;
  return base::Ok();
}

base::Result<base::Sha256Digest> ModelUpload::Finish() {
  BH_TRY(state_);
  if (bytes_ == 0) return base::PublicError(Code::kInvalid, "the model is empty");
  state_ = base::OperatorError(Code::kConflict, "the upload is finished");
  BH_TRY(base::SyncFd(file_.get()));
  const base::Sha256Digest sha256 = digest_.Finish();
  BH_TRY(files_->Keep(name_, tenant_, sha256));
  name_.clear();
  return sha256;
}

}  // namespace bulkhead::store
