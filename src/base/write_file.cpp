// SPDX-License-Identifier: Apache-2.0
#include "base/write_file.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

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

struct Temporary {
  std::filesystem::path path;
  UniqueFd file;
};

// By open(2), not mkstemp(3): only the kernel knows the umask without a moment of another one.
Result<Temporary> OpenTemporary(const std::filesystem::path& folder) {
  uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return ErrnoError(errno);
  std::array<char, 2 * sizeof number> digits{};
  const auto written = std::to_chars(digits.begin(), digits.end(), number, 16);
  Temporary temporary{folder / (".bulkhead-" + std::string(digits.begin(), written.ptr)), {}};
  constexpr int kNewFile = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  temporary.file = UniqueFd(::open(temporary.path.c_str(), kNewFile, 0666));
  if (!temporary.file.valid()) return ErrnoError(errno);
  return temporary;
}

// The name that a file in it was given.
Status SyncFolder(const std::filesystem::path& path) {
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return ErrnoError(errno);
  return Ok();
}

}  // namespace

Status WriteFile(const std::filesystem::path& path, std::span<const std::byte> content,
                 Durable durable) {
  const bool now = durable == Durable::kNow;
  BH_ASSIGN(const Temporary temporary, OpenTemporary(path.parent_path()));
  Status written = WriteAll(temporary.file.get(), content);
  if (written.ok() && now && ::fsync(temporary.file.get()) != 0) written = ErrnoError(errno);
  if (written.ok() && std::rename(temporary.path.c_str(), path.c_str()) != 0) {
    written = ErrnoError(errno);
  }
  if (!written.ok()) ::unlink(temporary.path.c_str());
  if (written.ok() && now) return SyncFolder(path.parent_path());
  return written;
}

}  // namespace bulkhead::base
