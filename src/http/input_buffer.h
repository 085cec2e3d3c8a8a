// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace bulkhead::http {

// Bytes that were received and not yet used. Small while a connection is idle; a larger request's
// memory is given back after it.
class InputBuffer {
 public:
  static constexpr std::size_t kSmallBytes = 4'096;

  [[nodiscard]] std::span<const std::byte> bytes() const;
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void Consume(std::size_t count);

  // Room behind what is there, after moving that to the front. The whole is of `wanted` bytes where
  // that is enough, and grows up to `bytes_max` where not; then the room is empty.
  [[nodiscard]] std::span<std::byte> Room(std::size_t wanted, std::size_t bytes_max);
  // That many bytes of the room are filled. It may not have been asked for again in between.
  void Commit(std::size_t count);

  // From now on nothing that was used or moved stays in memory.
  void WipeUsed() { wipes_ = true; }

  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { Wipe(0, capacity_); }

 private:
  void Wipe(std::size_t from, std::size_t to);
  void Reallocate(std::size_t capacity);

  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool wipes_ = false;
};

}  // namespace bulkhead::http
