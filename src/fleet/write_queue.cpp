// SPDX-License-Identifier: Apache-2.0
#include "fleet/write_queue.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/check.h"
#include "base/errno_error.h"

namespace bulkhead::fleet {
namespace {

// Of one call; the kernel takes up to 1024 (IOV_MAX).
constexpr std::size_t kChunksAtOnceMax = 64;

}  // namespace

void WriteQueue::Push(std::vector<std::byte> bytes) {
  if (bytes.empty()) return;
  Chunk chunk{std::move(bytes), nullptr, {}};
  chunk.left = chunk.own;  // stays where it is when the vector is moved
  chunks_.push_back(std::move(chunk));
}

void WriteQueue::Push(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (!bytes.empty()) chunks_.push_back({{}, std::move(owner), bytes});
}

base::Result<bool> WriteQueue::Write(int socket) {
  while (!chunks_.empty()) {
    std::array<iovec, kChunksAtOnceMax> parts{};
    const std::size_t count = std::min(chunks_.size(), parts.size());
    for (std::size_t i = 0; i < count; ++i) {
      // sendmsg reads only; iovec has no const form.
      parts[i] = {const_cast<std::byte*>(chunks_[i].left.data()), chunks_[i].left.size()};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (sent < 0) {
      return base::OperatorError(base::Code::kUnavailable,
                                 "writing to the worker: " + base::ErrnoError(errno).detail);
    }
    Drop(static_cast<std::size_t>(sent));
  }
  return true;
}

void WriteQueue::Drop(std::size_t count) {
  while (count > 0) {
    BH_CHECK(!chunks_.empty());
    std::span<const std::byte>& left = chunks_.front().left;
    const std::size_t dropped = std::min(count, left.size());
    left = left.subspan(dropped);
    count -= dropped;
    if (left.empty()) chunks_.pop_front();
  }
}

}  // namespace bulkhead::fleet
