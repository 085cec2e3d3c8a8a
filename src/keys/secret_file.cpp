// SPDX-License-Identifier: Apache-2.0
#include "keys/secret_file.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kSecretBytesMax = 4096;
// A group may read it: so systemd and Kubernetes hand secrets to a service.
constexpr mode_t kTooOpen = 027;

base::Result<std::size_t> ReadInto(int file, std::span<std::byte> room) {
  std::size_t done = 0;
  while (done < room.size()) {
    const ssize_t count = ::read(file, room.data() + done, room.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::ErrnoError(errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace

base::Result<base::SecretBytes> ReadSecretFile(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe that lies there must not wait.
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return base::WithContext(base::ErrnoError(errno), path.string());
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return base::ErrnoError(errno);
  if (!S_ISREG(status.st_mode)) return OperatorError(Code::kInvalid, path.string() + " is no file");
  if ((status.st_mode & kTooOpen) != 0) {
    return OperatorError(Code::kCorrupt, path.string() + " holds a secret and is open to others; " +
                                             "chmod it to 0400");
  }
  BH_ASSIGN(base::SecretBytes read, base::SecretBytes::Allocate(kSecretBytesMax + 2));
  BH_ASSIGN(std::size_t size, ReadInto(file.get(), read.bytes()));
  const auto ends_with = [&](char c) { return size > 0 && read.bytes()[size - 1] == std::byte(c); };
  if (ends_with('\n')) --size;
  if (ends_with('\r')) --size;
  const auto secret = read.bytes().first(size);
  if (secret.empty() || size > kSecretBytesMax ||
      std::ranges::any_of(secret, [](std::byte b) { return b < std::byte{' '}; })) {
    return OperatorError(Code::kInvalid,
                         path.string() + " holds no secret of one line of 1 to 4096 bytes");
  }
  BH_ASSIGN(base::SecretBytes kept, base::SecretBytes::Allocate(size));
  std::ranges::copy(secret, kept.bytes().begin());
  return kept;
}

}  // namespace bulkhead::keys
