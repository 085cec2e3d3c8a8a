// SPDX-License-Identifier: Apache-2.0
#include "base/disk.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::base {

Error FileError(int error_number) {
  Error error = ErrnoError(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    return OperatorError(Code::kExhausted, std::move(error.detail));
  }
  return error;
}

Error DiskError(int error_number, std::string_view what) {
  return WithContext(FileError(error_number), what);
}

Status SyncFolder(const std::filesystem::path& folder) {
  const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return DiskError(errno, "open the folder");
  if (::fsync(opened.get()) != 0) return DiskError(errno, "sync the folder");
  return Ok();
}

Result<UniqueFd> LockFolder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) {
    BH_TRY(SyncFolder(std::filesystem::absolute(folder).parent_path()));
  } else if (errno != EEXIST) {
    return DiskError(errno, "make the folder");
  }
  UniqueFd lock(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return DiskError(errno, "open the folder's lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return DiskError(errno, "lock the folder");
  return OperatorError(Code::kConflict, "another process holds it");
}

Status WriteAt(int file, uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return DiskError(errno, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Ok();
}

}  // namespace bulkhead::base
