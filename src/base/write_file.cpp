// SPDX-License-Identifier: Apache-2.0
#include "base/write_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::base {
namespace {

Status WriteAll(int file, std::span<const std::byte> content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoError(errno);
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return Ok();
}

// What open(2) would have given a new file; mkstemp makes it private.
mode_t DefaultMode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Status WriteFile(const std::filesystem::path& path, std::span<const std::byte> content) {
  std::string temporary =
      (path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string();
  const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) return ErrnoError(errno);
  Status written = WriteAll(file.get(), content);
  if (written.ok() && ::fchmod(file.get(), DefaultMode()) != 0) written = ErrnoError(errno);
  if (written.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    written = ErrnoError(errno);
  }
  if (!written.ok()) ::unlink(temporary.c_str());
  return written;
}

}  // namespace bulkhead::base
