// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "channel/frame_buffer.h"

namespace bulkhead::channel {

// Wiped memory for the next messages.
class BufferPool {
 public:
  // Keeps so many at most.
  void Limit(std::size_t count_max) { count_max_ = count_max; }

  // Wipes it; one larger than MessageReader::kKeptBytesMax is given back to the system.
  void Give(FrameBuffer buffer);
  // One that was given, or an empty one.
  FrameBuffer Take();

 private:
  std::size_t count_max_ = 0;
  std::vector<FrameBuffer> buffers_;
};

}  // namespace bulkhead::channel
