// SPDX-License-Identifier: Apache-2.0
#include "worker/socket_io.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include <sys/uio.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::worker {
namespace {

// What is left after so many bytes; the parts that are done are gone.
std::span<iovec> Drop(std::span<iovec> parts, std::size_t count) {
  while (!parts.empty() && count >= parts.front().iov_len) {
    count -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (count > 0) {
    iovec& part = parts.front();
    part = {static_cast<std::byte*>(part.iov_base) + count, part.iov_len - count};
  }
  return parts;
}

}  // namespace

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

base::Status WriteAll(int fd, std::span<const std::span<const std::byte>> pieces) {
  std::vector<iovec> parts;
  parts.reserve(pieces.size());
  for (const auto& piece : pieces) {
    // writev reads only; iovec has no const form.
    parts.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
  }
  std::span<iovec> left(parts);
  while (!left.empty()) {
    const ssize_t count = ::writev(fd, left.data(), static_cast<int>(left.size()));
    if (count >= 0) {
      left = Drop(left, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return base::WithContext(base::ErrnoError(errno), "write");
    }
  }
  return base::Ok();
}

base::Status WriteAll(int fd, std::span<const std::byte> bytes) {
  return WriteAll(fd, std::span(&bytes, 1));
}

}  // namespace bulkhead::worker
