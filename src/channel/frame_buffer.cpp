// SPDX-License-Identifier: Apache-2.0
#include "channel/frame_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace bulkhead::channel {

FrameBuffer::FrameBuffer(FrameBuffer&& other) noexcept
    : memory_(std::move(other.memory_)),
      capacity_(std::exchange(other.capacity_, 0)),
      size_(std::exchange(other.size_, 0)),
      dirty_(std::exchange(other.dirty_, 0)) {}

FrameBuffer& FrameBuffer::operator=(FrameBuffer&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  memory_ = std::move(other.memory_);
  capacity_ = std::exchange(other.capacity_, 0);
  size_ = std::exchange(other.size_, 0);
  dirty_ = std::exchange(other.dirty_, 0);
  return *this;
}

FrameBuffer::~FrameBuffer() { Wipe(); }

void FrameBuffer::Commit(std::size_t count) {
  BH_CHECK(count <= capacity_ - size_);
  size_ += count;
  dirty_ = std::max(dirty_, size_);
}

void FrameBuffer::Reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  FrameBuffer larger;
  // Not zeroed: only what a reader committed is ever seen.
  larger.memory_ = std::make_unique_for_overwrite<std::byte[]>(capacity);
  larger.capacity_ = capacity;
  if (size_ > 0) std::memcpy(larger.memory_.get(), memory_.get(), size_);
  larger.Commit(size_);
  *this = std::move(larger);
}

void FrameBuffer::Discard(std::size_t count) {
  BH_CHECK(count <= size_);
  if (count == 0) return;
  size_ -= count;
  if (size_ > 0) std::memmove(memory_.get(), memory_.get() + count, size_);
}

void FrameBuffer::Wipe() {
  if (dirty_ > 0) ::explicit_bzero(memory_.get(), dirty_);
  size_ = 0;
  dirty_ = 0;
}

}  // namespace bulkhead::channel
