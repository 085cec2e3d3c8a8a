// SPDX-License-Identifier: Apache-2.0
#include "node/kept_model.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked_math.h"
#include "base/errno_error.h"
#include "channel/limits.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends

// Its size. A file system that answers late or never could hold up the node; memory cannot.
base::Result<std::size_t> MemfdBytes(int fd, std::size_t bytes_max) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return base::ErrnoError(errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 0 || ::fcntl(fd, F_GET_SEALS) < 0) {
    return OperatorError(Code::kInvalid, "is not a memfd");
  }
  const auto size = base::CheckedCast<std::size_t>(status.st_size);
  if (!size || *size == 0) return OperatorError(Code::kInvalid, "is empty");
  if (*size > bytes_max) {
    return OperatorError(Code::kExhausted, "has " + std::to_string(*size) + " bytes; at most " +
                                               std::to_string(bytes_max) + " fit");
  }
  return *size;
}

base::Result<base::UniqueFd> CopyMemfd(int source, std::size_t bytes) {
  base::UniqueFd copy(::memfd_create("weights", MFD_CLOEXEC));
  if (!copy.valid()) return base::ErrnoError(errno);
  for (off_t offset = 0; static_cast<std::size_t>(offset) < bytes;) {
    const std::size_t left = bytes - static_cast<std::size_t>(offset);
    const ssize_t count = ::sendfile(copy.get(), source, &offset, left);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::ErrnoError(errno);
    if (count == 0) return OperatorError(Code::kCorrupt, "became shorter while it was copied");
  }
  return copy;
}

base::Result<std::vector<std::byte>> ReadSetup(int fd) {
  BH_ASSIGN(const std::size_t size, MemfdBytes(fd, channel::kSetupBytesMax));
  std::vector<std::byte> bytes(size);
  const ssize_t count = ::pread(fd, bytes.data(), bytes.size(), 0);
  if (count < 0) return base::ErrnoError(errno);
  if (static_cast<std::size_t>(count) != size) {
    return OperatorError(Code::kCorrupt, "became shorter while it was read");
  }
  return bytes;
}

template <typename T>
base::Result<T> About(std::string_view what, base::Result<T> result) {
  if (result.ok()) return result;
  return base::WithContext(std::move(result).error(), what);
}

}  // namespace

base::Result<KeptModel> KeptModel::Take(base::UniqueFd model, base::UniqueFd setup, Starts starts,
                                        int64_t model_bytes_max) {
  const std::size_t bytes_max = std::min(
      kModelBytesMax, base::CheckedCast<std::size_t>(model_bytes_max).value_or(kModelBytesMax));
  KeptModel kept;
  BH_ASSIGN(kept.setup_, About("the setup", ReadSetup(setup.get())));
  BH_ASSIGN(const std::size_t bytes, About("the model", MemfdBytes(model.get(), bytes_max)));
  if (starts == Starts::kMany) {
    BH_ASSIGN(kept.copy_, About("the model", CopyMemfd(model.get(), bytes)));
    base::UniqueFd pages(::fcntl(kept.copy_.get(), F_DUPFD_CLOEXEC, 0));
    if (!pages.valid()) return base::ErrnoError(errno);
    BH_ASSIGN(kept.copy_in_memory_, base::SecretBytes::AdoptMemfd(std::move(pages), bytes));
  }
  kept.first_ = std::move(model);
  return kept;
}

base::Result<base::UniqueFd> KeptModel::TakeWeights() {
  if (first_.valid()) return std::move(first_);
  if (!copy_.valid()) return OperatorError(Code::kConflict, "the model was kept for one start");
  return CopyMemfd(copy_.get(), copy_in_memory_.bytes().size());
}

}  // namespace bulkhead::node
