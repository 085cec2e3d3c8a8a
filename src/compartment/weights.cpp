// SPDX-License-Identifier: Apache-2.0
#include "compartment/weights.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "base/checked_math.h"
#include "base/errno_error.h"

namespace bulkhead::compartment {
namespace {

base::Result<std::size_t> RegularFileBytes(int file, std::size_t bytes_max) {
  struct stat info{};
  if (::fstat(file, &info) != 0) return base::ErrnoError(errno);
  if (S_ISDIR(info.st_mode)) return base::PublicError(base::Code::kInvalid, "is a directory");
  if (!S_ISREG(info.st_mode)) {
    return base::PublicError(base::Code::kInvalid, "is not a regular file");
  }
  const auto size = base::CheckedCast<std::size_t>(info.st_size);
  if (!size || *size > bytes_max) {
    return base::PublicError(base::Code::kExhausted, "is larger than the limit of " +
                                                         std::to_string(bytes_max >> 20) + " MiB");
  }
  if (*size == 0) return base::PublicError(base::Code::kInvalid, "is empty");
  return *size;
}

}  // namespace

base::Result<base::UniqueFd> LoadWeights(const std::filesystem::path& path, std::size_t bytes_max) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return base::ErrnoError(errno);
  BH_ASSIGN(const std::size_t size, RegularFileBytes(file.get(), bytes_max));
  base::UniqueFd weights(::memfd_create("weights", MFD_CLOEXEC));
  if (!weights.valid()) return base::ErrnoError(errno);
  std::size_t copied = 0;
  while (copied < size) {
    const ssize_t count = ::sendfile(weights.get(), file.get(), nullptr, size - copied);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::ErrnoError(errno);
    if (count == 0) {
      return base::OperatorError(base::Code::kCorrupt, "became shorter while it was read");
    }
    copied += static_cast<std::size_t>(count);
  }
  return weights;
}

}  // namespace bulkhead::compartment
