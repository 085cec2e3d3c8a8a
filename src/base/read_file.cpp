// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/checked_math.h"
#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::base {
Result<std::vector<std::byte>> ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  // O_NONBLOCK keeps a named pipe from hanging the open; it has no effect on regular files.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return ErrnoError(errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return ErrnoError(errno);
  if (S_ISDIR(info.st_mode)) return PublicError(Code::kInvalid, "is a directory");
  if (!S_ISREG(info.st_mode)) return PublicError(Code::kInvalid, "is not a regular file");
  const auto size = CheckedCast<std::size_t>(info.st_size);
  if (!size || *size > max_bytes) {
    return PublicError(Code::kExhausted,
                       "is larger than the limit of " + std::to_string(max_bytes >> 20) + " MiB");
  }
  std::vector<std::byte> content(*size);
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoError(errno);
    if (count == 0) break;  // truncated while it was read: what is there is what it holds now
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace bulkhead::base
