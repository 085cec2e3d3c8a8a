// SPDX-License-Identifier: Apache-2.0
#include "base/private_folder.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"

namespace bulkhead::base {
namespace {

constexpr mode_t kOthers = 077;

Error NotOurs(const std::string& name) {
  return OperatorError(Code::kCorrupt, name + " is not what belongs there, or not ours alone");
}

// ELOOP and ENOTDIR are how open(2) refuses a link.
Error OpenError(const std::string& name) {
  if (errno == ELOOP || errno == ENOTDIR) return NotOurs(name);
  return WithContext(FileError(errno), name);
}

Result<UniqueFd> Checked(UniqueFd fd, const std::string& name, mode_t kind) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return FileError(errno);
  // No name at all is one that was replaced just now.
  const bool ours = (status.st_mode & S_IFMT) == kind && status.st_uid == ::geteuid() &&
                    (status.st_mode & kOthers) == 0 && (kind == S_IFDIR || status.st_nlink <= 1);
  if (!ours) return NotOurs(name);
  return fd;
}

}  // namespace

Result<UniqueFd> OpenPrivateFolder(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) == 0) {
    // Another fd for the folder above, because AT_FDCWD is none that could be synced.
    const std::string above = name + "/..";
    const UniqueFd folder(::openat(parent, above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return OpenError(name);
    BH_TRY(SyncFd(folder.get()));
  } else if (errno != EEXIST) {
    return WithContext(FileError(errno), name);
  }
  return FindPrivateFolder(parent, name);
}

Result<UniqueFd> FindPrivateFolder(int parent, const std::string& name) {
  UniqueFd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) return OpenError(name);
  return Checked(std::move(folder), name, S_IFDIR);
}

Result<UniqueFd> OpenPrivateFile(int folder, const std::string& name) {
  // O_NONBLOCK: opening a pipe that lies there must not wait.
  UniqueFd file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return OpenError(name);
  return Checked(std::move(file), name, S_IFREG);
}

Result<UniqueFd> MakePrivateFile(int folder, const std::string& name) {
  UniqueFd file(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return OpenError(name);
  return file;
}

Status SyncFd(int fd) {
  if (::fsync(fd) != 0) return FileError(errno);
  return Ok();
}

}  // namespace bulkhead::base
