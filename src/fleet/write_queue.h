// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace bulkhead::fleet {

// What waits to be written to one stream socket, in order. One thread at a time.
class WriteQueue {
 public:
  void Push(std::vector<std::byte> bytes);
  // Written from where it lies; `owner` keeps it there.
  void Push(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  [[nodiscard]] bool empty() const { return chunks_.empty(); }

  // Writes what the socket takes now, many chunks at a time. True: all is written; false: the
  // socket is full. kUnavailable: the other end is gone.
  base::Result<bool> Write(int socket);

 private:
  struct Chunk {
    std::vector<std::byte> own;
    std::shared_ptr<const void> owner;
    std::span<const std::byte> left;  // of `own`, or what `owner` holds
  };
  void Drop(std::size_t count);

  std::deque<Chunk> chunks_;
};

}  // namespace bulkhead::fleet
