// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;

constexpr mode_t kOthers = 077;

base::Status SyncFolder(const std::filesystem::path& folder) {
  const base::UniqueFd fd(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return base::ErrnoError(errno);
  return base::Ok();
}

}  // namespace

base::Status PrepareSqliteFile(const std::filesystem::path& path) {
  const base::UniqueFd made(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (made.valid()) return SyncFolder(path.parent_path());
  if (errno != EEXIST) return base::ErrnoError(errno);
  // One that is there is never opened here: closing it would drop the locks that another
  // connection of this process holds on it.
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return base::ErrnoError(errno);
  if (!S_ISREG(status.st_mode)) return OperatorError(Code::kInvalid, "it is no file");
  if ((status.st_mode & kOthers) != 0 && ::chmod(path.c_str(), status.st_mode & 0700U) != 0) {
    return base::ErrnoError(errno);
  }
  return base::Ok();
}

}  // namespace bulkhead::store
