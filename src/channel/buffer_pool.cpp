// SPDX-License-Identifier: Apache-2.0
#include "channel/buffer_pool.h"

#include <utility>

#include "channel/message_reader.h"

namespace bulkhead::channel {

void BufferPool::Give(FrameBuffer buffer) {
  buffer.Wipe();
  const bool worth = buffer.capacity() > 0 && buffer.capacity() <= MessageReader::kKeptBytesMax;
  if (worth && buffers_.size() < count_max_) buffers_.push_back(std::move(buffer));
}

FrameBuffer BufferPool::Take() {
  if (buffers_.empty()) return {};
  FrameBuffer buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

}  // namespace bulkhead::channel
