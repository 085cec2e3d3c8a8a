// SPDX-License-Identifier: Apache-2.0
#include "store/private_folder.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::store {
namespace {

using base::Code;

constexpr mode_t kOthers = 077;

base::Error NotOurs(const std::string& name) {
  return base::OperatorError(Code::kCorrupt,
                             name + " is not what belongs there, or not ours alone");
}

// ELOOP and ENOTDIR are how open(2) refuses a link.
base::Error OpenError(const std::string& name) {
  if (errno == ELOOP || errno == ENOTDIR) return NotOurs(name);
  return base::WithContext(FileError(errno), name);
}

base::Result<base::UniqueFd> Checked(base::UniqueFd fd, const std::string& name, mode_t kind) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return FileError(errno);
  // No name at all is one that was replaced just now.
  const bool ours = (status.st_mode & S_IFMT) == kind && status.st_uid == ::geteuid() &&
                    (status.st_mode & kOthers) == 0 && (kind == S_IFDIR || status.st_nlink <= 1);
  if (!ours) return NotOurs(name);
  return fd;
}

}  // namespace

base::Error FileError(int error_number) {
  base::Error error = base::ErrnoError(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    return base::OperatorError(Code::kExhausted, std::move(error.detail));
  }
  return error;
}

base::Result<base::UniqueFd> OpenPrivateFolder(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) == 0) {
    // Another fd for the folder above, because AT_FDCWD is none that could be synced.
    const std::string above = name + "/..";
    const base::UniqueFd folder(
        ::openat(parent, above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return OpenError(name);
    BH_TRY(Sync(folder.get()));
  } else if (errno != EEXIST) {
    return base::WithContext(FileError(errno), name);
  }
  return FindPrivateFolder(parent, name);
}

base::Result<base::UniqueFd> FindPrivateFolder(int parent, const std::string& name) {
  base::UniqueFd folder(
      ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) return OpenError(name);
  return Checked(std::move(folder), name, S_IFDIR);
}

base::Result<base::UniqueFd> OpenPrivateFile(int folder, const std::string& name) {
  // O_NONBLOCK: opening a pipe that lies there must not wait.
  base::UniqueFd file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return OpenError(name);
  return Checked(std::move(file), name, S_IFREG);
}

base::Result<base::UniqueFd> MakePrivateFile(int folder, const std::string& name) {
  base::UniqueFd file(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return OpenError(name);
  return file;
}

base::Status Sync(int fd) {
  if (::fsync(fd) != 0) return FileError(errno);
  return base::Ok();
}

}  // namespace bulkhead::store
