// SPDX-License-Identifier: Apache-2.0
// Sockets of every kind, and what can be sent through the one that it has.
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <sstream>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/unique_fd.h"
#include "channel/inheritance.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

sockaddr_in Loopback(const std::string& port) {
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(number);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* Generic(const void* address) { return static_cast<const sockaddr*>(address); }

// "FAMILY TYPE"
Loot OpenSocket(const Order& order) {
  std::istringstream words(order.argument);
  int family = 0;
  int type = 0;
  words >> family >> type;
  const base::UniqueFd made(::socket(family, type, 0));
  if (!made.valid()) return Refused(fmt::format("socket of family {}", family));
  return Got(fmt::format("a socket of family {}", family));
}

Loot SocketPair(const Order&) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return Refused("socketpair");
  return Got("a socket pair");
}

Loot ListenTcp(const Order&) {
  const base::UniqueFd made(::socket(AF_INET, SOCK_STREAM, 0));
  if (!made.valid()) return Refused("socket");
  sockaddr_in address = Loopback("0");
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  if (::bind(made.get(), Generic(&address), sizeof address) != 0) return Refused("bind");
  if (::listen(made.get(), 1) != 0) return Refused("listen");
  return Got("a TCP port");
}

Loot ConnectTcp(const Order& order) {
  const base::UniqueFd made(::socket(AF_INET, SOCK_STREAM, 0));
  if (!made.valid()) return Refused("socket");
  const sockaddr_in address = Loopback(order.argument);
  if (::connect(made.get(), Generic(&address), sizeof address) != 0) return Refused("connect");
  return Got("a TCP connection to the machine");
}

Loot SendUdp(const Order& order) {
  const base::UniqueFd made(::socket(AF_INET, SOCK_DGRAM, 0));
  if (!made.valid()) return Refused("socket");
  const sockaddr_in address = Loopback(order.argument);
  if (::sendto(made.get(), "x", 1, 0, Generic(&address), sizeof address) != 1) {
    return Refused("sendto");
  }
  return Got("a datagram to the machine");
}

Loot ConnectAbstract(const Order& order) {
  const base::UniqueFd made(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (!made.valid()) return Refused("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, order.argument.data(), order.argument.size());
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + order.argument.size());
  if (::connect(made.get(), Generic(&address), size) != 0) return Refused("connect");
  return Got("an abstract socket of the machine");
}

Loot ReconnectFrames(const Order& order) {
  const sockaddr_in address = Loopback(order.argument);
  if (::connect(channel::kFramesFd, Generic(&address), sizeof address) != 0) {
    return Refused("connect the frames socket");
  }
  return Got("another peer");
}

// Descriptors as a gift: whoever reads the frames socket may end up holding them.
Loot PassDescriptors(const Order&) {
  constexpr std::size_t kCount = 8;
  std::array<int, kCount> gifts{};
  gifts.fill(channel::kStatusFd);
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof gifts)> control{};
  char byte = 'x';
  iovec piece{&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof gifts);
  std::memcpy(CMSG_DATA(header), gifts.data(), sizeof gifts);
  if (::sendmsg(channel::kFramesFd, &message, MSG_NOSIGNAL) != 1) return Refused("sendmsg");
  return Nothing("passed descriptors");
}

// Says that it is somebody else.
Loot ForgeCredentials(const Order&) {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(ucred))> control{};
  const ucred root{1, 0, 0};
  char byte = 'x';
  iovec piece{&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof root);
  std::memcpy(CMSG_DATA(header), &root, sizeof root);
  if (::sendmsg(channel::kFramesFd, &message, MSG_NOSIGNAL) != 1) return Refused("sendmsg");
  return Got("the credentials of root");
}

constexpr Attack kAttacks[] = {{"socket", OpenSocket},
                               {"socket-pair", SocketPair},
                               {"listen-tcp", ListenTcp},
                               {"connect-tcp", ConnectTcp},
                               {"send-udp", SendUdp},
                               {"connect-abstract", ConnectAbstract},
                               {"reconnect-frames", ReconnectFrames},
                               {"pass-descriptors", PassDescriptors},
                               {"forge-credentials", ForgeCredentials}};

}  // namespace

std::span<const Attack> NetworkAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
