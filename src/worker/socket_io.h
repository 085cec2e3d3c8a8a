// SPDX-License-Identifier: Apache-2.0
// Blocking reads and writes of inherited descriptors. Only read(2) and writev(2): the process must
// ignore SIGPIPE.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace bulkhead::worker {

// Some bytes of a socket; 0: the other end closed it. Errors are those of base::ErrnoError.
base::Result<std::size_t> ReadSome(int fd, std::span<std::byte> buffer);

// Everything up to the end. kExhausted: more than `bytes_max`.
base::Result<std::vector<std::byte>> ReadToEnd(int fd, std::size_t bytes_max);

// All of them, one after the other; IOV_MAX (1,024) at most. kUnavailable: the other end is gone.
base::Status WriteAll(int fd, std::span<const std::span<const std::byte>> pieces);
base::Status WriteAll(int fd, std::span<const std::byte> bytes);

}  // namespace bulkhead::worker
