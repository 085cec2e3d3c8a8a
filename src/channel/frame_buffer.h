// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace bulkhead::channel {

// Memory for bytes of a tenant: never copied by accident, wiped before it is given back.
class FrameBuffer {
 public:
  FrameBuffer() = default;
  FrameBuffer(FrameBuffer&& other) noexcept;
  FrameBuffer& operator=(FrameBuffer&& other) noexcept;
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;
  ~FrameBuffer();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // The bytes written so far.
  [[nodiscard]] std::span<const std::byte> bytes() const { return {memory_.get(), size_}; }

  // The free part. Commit says how much of its start was written.
  std::span<std::byte> Free() { return {memory_.get() + size_, capacity_ - size_}; }
  void Commit(std::size_t count);

  // Moves to a larger memory when the capacity is smaller; the old one is wiped.
  void Reserve(std::size_t capacity);
  // Drops bytes at the start; the rest moves there.
  void Discard(std::size_t count);
  // Zeroes what was written; the capacity stays.
  void Wipe();

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t dirty_ = 0;  // bytes from the start that may be other than zero; at least size_
};

}  // namespace bulkhead::channel
