// SPDX-License-Identifier: Apache-2.0
#include "node/packet_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/check.h"
#include "base/errno_error.h"
#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

// Room for the descriptors of one packet. The kernel closes what does not fit and says so.
struct alignas(cmsghdr) ControlBuffer {
  std::array<char, CMSG_SPACE(kDescriptorsMax * sizeof(int))> bytes{};
};

base::Error SendError(int error_number) {
  switch (error_number) {
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
      return OperatorError(Code::kUnavailable, "the other end of the control socket is closed");
    case EAGAIN:
    case ENOBUFS:
      return OperatorError(Code::kExhausted, "the other end of the control socket does not read");
    case EMSGSIZE:
      return OperatorError(Code::kInternal, "a packet larger than the control socket takes");
    default:
      return base::ErrnoError(error_number);
  }
}

// Takes ownership of every descriptor of the message; false when there is anything else in it.
bool TakeDescriptors(msghdr& message, std::vector<base::UniqueFd>& taken) {
  bool only_descriptors = true;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      only_descriptors = false;
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      taken.emplace_back(fd);
    }
  }
  return only_descriptors;
}

}  // namespace

base::Status SendPacket(int socket, std::span<const std::byte> bytes,
                        std::span<const int> descriptors) {
  BH_CHECK(!bytes.empty() && bytes.size() <= kPacketBytesMax);
  BH_CHECK(descriptors.size() <= kDescriptorsMax);
  // sendmsg does not write to it; the type has no const.
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ControlBuffer control;
  if (!descriptors.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return SendError(errno);
  return base::Ok();
}

base::Result<std::optional<Packet>> ReceivePacket(int socket) {
  Packet packet;
  packet.bytes.resize(kPacketBytesMax);
  iovec part{packet.bytes.data(), packet.bytes.size()};
  msghdr message{};
  ControlBuffer control;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t count = 0;
  do {
    count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return std::optional<Packet>();
  if (count < 0 && errno != ECONNRESET) return base::ErrnoError(errno);
  const bool only_descriptors = count < 0 || TakeDescriptors(message, packet.descriptors);
  // No packet of ours is empty, so nothing means the end.
  if (count <= 0) {
    return OperatorError(Code::kUnavailable, "the other end of the control socket is closed");
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || !only_descriptors) {
    return OperatorError(Code::kCorrupt,
                         "the other end of the control socket sent more than a packet holds, "
                         "or this process has no descriptors left");
  }
  packet.bytes.resize(static_cast<std::size_t>(count));
  return std::optional<Packet>(std::move(packet));
}

}  // namespace bulkhead::node
