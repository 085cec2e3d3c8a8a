// SPDX-License-Identifier: Apache-2.0
#include "worker/socket_io.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::worker {

base::Result<std::size_t> ReadSome(int fd, std::span<std::byte> buffer) {
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    // Unread replies lay in the socket when the other end closed it.
    if (errno == ECONNRESET) return std::size_t{0};
    if (errno != EINTR) return base::WithContext(base::ErrnoError(errno), "read");
  }
}

base::Result<std::vector<std::byte>> ReadToEnd(int fd, std::size_t bytes_max) {
  std::vector<std::byte> bytes;
  for (;;) {
    const std::size_t filled = bytes.size();
    bytes.resize(std::min(bytes_max + 1, std::max<std::size_t>(4096, 2 * filled)));
    BH_ASSIGN(const std::size_t count, ReadSome(fd, std::span(bytes).subspan(filled)));
    bytes.resize(filled + count);
    if (bytes.size() > bytes_max) {
      return base::OperatorError(base::Code::kExhausted,
                                 "more than " + std::to_string(bytes_max) + " bytes");
    }
    if (count == 0) return bytes;
  }
}

base::Status WriteAll(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return base::WithContext(base::ErrnoError(errno), "write");
    }
  }
  return base::Ok();
}

}  // namespace bulkhead::worker
