// SPDX-License-Identifier: Apache-2.0
#include "gateway/pepper.h"

#include <cerrno>
#include <span>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/random_bytes.h"
#include "base/unique_fd.h"

namespace bulkhead::gateway {
namespace {

base::Error FileError(int error_number, const std::filesystem::path& file) {
  return base::WithContext(base::ErrnoError(error_number), file.string());
}

base::Status Make(const std::filesystem::path& file) {
  Pepper pepper;
  BH_TRY(base::FillRandom(pepper));
  // Written beside and linked into place: nobody reads a half of it, and of two that begin at once
  // one wins.
  const std::string fresh = file.string() + "." + std::to_string(::getpid());
  const base::UniqueFd made(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!made.valid()) return FileError(errno, file);
  const bool written =
      ::write(made.get(), pepper.data(), pepper.size()) == static_cast<ssize_t>(pepper.size()) &&
      ::fsync(made.get()) == 0;
  int error_number = written ? 0 : errno;
  if (written && ::link(fresh.c_str(), file.c_str()) != 0 && errno != EEXIST) error_number = errno;
  ::unlink(fresh.c_str());
  if (error_number != 0) return FileError(error_number, file);
  return base::Ok();
}

}  // namespace

base::Result<Pepper> ReadOrMakePepper(const std::filesystem::path& file) {
  base::UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!opened.valid() && errno == ENOENT) {
    BH_TRY(Make(file));
    opened = base::UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  if (!opened.valid()) return FileError(errno, file);
  struct stat about{};
  if (::fstat(opened.get(), &about) != 0) return FileError(errno, file);
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return base::OperatorError(base::Code::kDenied,
                               file.string() + " can be read by others; chmod 600 it");
  }
  Pepper pepper;
  const bool right =
      about.st_size == static_cast<off_t>(pepper.size()) &&
      ::read(opened.get(), pepper.data(), pepper.size()) == static_cast<ssize_t>(pepper.size());
  if (!right) {
    return base::OperatorError(base::Code::kCorrupt,
                               file.string() +
                                   " is not 32 bytes; put it back from a backup, or "
                                   "remove it and make all keys anew");
  }
  return pepper;
}

}  // namespace bulkhead::gateway
