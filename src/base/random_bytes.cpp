// SPDX-License-Identifier: Apache-2.0
#include "base/random_bytes.h"

#include <cerrno>

#include <sys/random.h>

#include "base/errno_error.h"

namespace bulkhead::base {

Status FillRandom(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return WithContext(ErrnoError(errno), "getrandom");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Ok();
}

}  // namespace bulkhead::base
