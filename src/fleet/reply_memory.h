// SPDX-License-Identifier: Apache-2.0
// Memory of answered replies, on its way back to the link that they came by: of a network's raw
// output some 3 MB, which would be got from the kernel, page by page, for every frame.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "channel/client_session.h"
#include "channel/frame_buffer.h"

namespace bulkhead::fleet {

// Any thread: a reply may end where it was written.
class ReplyMemory {
 public:
  // Keeps two; more go back to the system.
  void Give(channel::FrameBuffer memory) {
    const std::lock_guard lock(mutex_);
    if (given_.size() < kGivenMax) given_.push_back(std::move(memory));
  }

  void MoveTo(channel::ClientSession& session) {
    std::vector<channel::FrameBuffer> given;
    {
      const std::lock_guard lock(mutex_);
      given.swap(given_);
    }
    for (channel::FrameBuffer& memory : given) session.Recycle(std::move(memory));
  }

 private:
  static constexpr std::size_t kGivenMax = 2;  // the session keeps no more

  std::mutex mutex_;
  std::vector<channel::FrameBuffer> given_;
};

}  // namespace bulkhead::fleet
