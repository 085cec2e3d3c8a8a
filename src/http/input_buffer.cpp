// SPDX-License-Identifier: Apache-2.0
#include "http/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/secret_bytes.h"

namespace bulkhead::http {

std::span<const std::byte> InputBuffer::bytes() const {
  return std::span(memory_.get(), capacity_).subspan(begin_, end_ - begin_);
}

std::string_view InputBuffer::text() const {
  return {reinterpret_cast<const char*>(memory_.get()) + begin_, end_ - begin_};
}

void InputBuffer::Consume(std::size_t count) {
  BH_CHECK(count <= end_ - begin_);
  Wipe(begin_, begin_ + count);
  begin_ += count;
}

void InputBuffer::Wipe(std::size_t from, std::size_t to) {
  if (wipes_) base::WipeBytes(std::span(memory_.get(), capacity_).subspan(from, to - from));
}

std::span<std::byte> InputBuffer::Room(std::size_t wanted, std::size_t bytes_max) {
  const std::size_t held = end_ - begin_;
  if (held < wanted && capacity_ != wanted) {
    Reallocate(wanted);
  } else if (held == capacity_ && capacity_ < bytes_max) {
    Reallocate(std::min(2 * capacity_, bytes_max));
  } else if (begin_ > 0) {
    std::memmove(memory_.get(), memory_.get() + begin_, held);
    Wipe(held, end_);
    begin_ = 0;
    end_ = held;
  }
  return std::span(memory_.get(), capacity_).subspan(end_);
}

void InputBuffer::Commit(std::size_t count) {
  BH_CHECK(count <= capacity_ - end_);
  end_ += count;
}

void InputBuffer::Reallocate(std::size_t capacity) {
  auto memory = std::make_unique_for_overwrite<std::byte[]>(capacity);
  const std::size_t held = end_ - begin_;
  if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
  Wipe(0, capacity_);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = held;
}

}  // namespace bulkhead::http
