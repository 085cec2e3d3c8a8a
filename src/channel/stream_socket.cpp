// SPDX-License-Identifier: Apache-2.0
#include "channel/stream_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/check.h"
#include "base/errno_error.h"
#include "base/monotonic_clock.h"

namespace bulkhead::channel {
namespace {

bool IsNothingNow(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

base::Error Gone() {
  return base::OperatorError(base::Code::kUnavailable, "the worker closed its socket");
}

base::Error FromErrno(int error_number) {
  if (error_number == EPIPE || error_number == ECONNRESET) return Gone();
  return base::OperatorError(base::Code::kUnavailable,
                             "the worker's socket: " + base::ErrnoError(error_number).detail);
}

}  // namespace

base::Error OutOfTime() {
  return base::OperatorError(base::Code::kDeadline, "the worker did not answer in time");
}

void Outgoing::Drop(std::size_t count) {
  for (std::span<const std::byte>& piece : pieces) {
    const std::size_t dropped = std::min(count, piece.size());
    piece = piece.subspan(dropped);
    count -= dropped;
  }
  BH_CHECK(count == 0);
}

base::Status SendSome(int socket, Outgoing& outgoing) {
  BH_CHECK(outgoing.pieces.size() <= Outgoing::kPiecesMax);
  std::array<iovec, Outgoing::kPiecesMax> parts{};
  for (std::size_t i = 0; i < outgoing.pieces.size(); ++i) {
    // sendmsg reads only; iovec has no const form.
    parts[i] = {const_cast<std::byte*>(outgoing.pieces[i].data()), outgoing.pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = outgoing.pieces.size();
  const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    outgoing.Drop(static_cast<std::size_t>(sent));
    return base::Ok();
  }
  if (IsNothingNow(errno)) return base::Ok();
  return FromErrno(errno);
}

base::Result<std::size_t> ReceiveSome(int socket, std::span<std::byte> buffer) {
  const ssize_t received = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (received > 0) return static_cast<std::size_t>(received);
  if (received == 0) return Gone();
  if (IsNothingNow(errno)) return std::size_t{0};
  return FromErrno(errno);
}

base::Result<bool> AwaitSocket(int socket, bool or_writable, Deadline until) {
  while (true) {
    const std::chrono::nanoseconds left = until - base::MonotonicNow();
    if (left.count() <= 0) return OutOfTime();
    const auto milliseconds = std::min<std::chrono::milliseconds>(
        std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::hours(1));
    pollfd entry{socket, static_cast<short>(or_writable ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(milliseconds.count()));
    if (ready < 0 && errno != EINTR) return FromErrno(errno);
    if (ready > 0) return (entry.revents & ~POLLOUT) != 0;
  }
}

}  // namespace bulkhead::channel
