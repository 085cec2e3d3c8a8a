// SPDX-License-Identifier: Apache-2.0
#include "node/packet_socket.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

using base::Code;

class PacketSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    near_ = base::UniqueFd(ends[0]);
    far_ = base::UniqueFd(ends[1]);
  }

  base::UniqueFd near_;
  base::UniqueFd far_;
};

std::vector<std::byte> Bytes(std::size_t count, uint8_t value = 7) {
  return std::vector<std::byte>(count, std::byte{value});
}

// Tells whether a descriptor that was sent has been closed everywhere.
struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK), 0);
    out = base::UniqueFd(ends[0]);
    in = base::UniqueFd(ends[1]);
  }
  // Whether every write end is closed.
  [[nodiscard]] bool AtEnd() const {
    char byte = 0;
    return ::read(out.get(), &byte, 1) == 0;
  }
  base::UniqueFd out;
  base::UniqueFd in;
};

TEST_F(PacketSocket, KeepsPacketsApart) {
  ASSERT_TRUE(SendPacket(near_.get(), Bytes(3, 1), {}).ok());
  ASSERT_TRUE(SendPacket(near_.get(), Bytes(kPacketBytesMax, 2), {}).ok());
  EXPECT_EQ(ReceivePacket(far_.get()).value()->bytes, Bytes(3, 1));
  EXPECT_EQ(ReceivePacket(far_.get()).value()->bytes, Bytes(kPacketBytesMax, 2));
  EXPECT_FALSE(ReceivePacket(far_.get()).value().has_value());
}

TEST_F(PacketSocket, CarriesDescriptorsThatDoNotSurviveAnExec) {
  Pipe pipe;
  const std::array<int, 2> sent = {pipe.in.get(), pipe.in.get()};
  ASSERT_TRUE(SendPacket(near_.get(), Bytes(1), sent).ok());
  pipe.in = base::UniqueFd();
  auto packet = ReceivePacket(far_.get());
  ASSERT_TRUE(packet.ok() && packet.value());
  ASSERT_EQ(packet.value()->descriptors.size(), 2U);
  for (const base::UniqueFd& fd : packet.value()->descriptors) {
    EXPECT_EQ(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    EXPECT_EQ(::write(fd.get(), "x", 1), 1);
  }
}

// What SendPacket would not send.
void SendAnyway(int socket, std::vector<std::byte> bytes, std::span<const int> fds) {
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(head), fds.data(), fds.size_bytes());
  ASSERT_EQ(::sendmsg(socket, &message, 0), static_cast<ssize_t>(bytes.size()));
}

TEST_F(PacketSocket, RefusesAPacketThatIsTooLongAndClosesWhatCameWithIt) {
  Pipe pipe;
  const std::array<int, 1> fds = {pipe.in.get()};
  ASSERT_NO_FATAL_FAILURE(SendAnyway(near_.get(), Bytes(kPacketBytesMax + 1), fds));
  pipe.in = base::UniqueFd();
  EXPECT_EQ(ReceivePacket(far_.get()).error().code, Code::kCorrupt);
  EXPECT_TRUE(pipe.AtEnd());
}

TEST_F(PacketSocket, RefusesMoreDescriptorsThanAnyPacketHas) {
  Pipe pipe;
  const std::array<int, 3> fds = {pipe.in.get(), pipe.in.get(), pipe.in.get()};
  ASSERT_NO_FATAL_FAILURE(SendAnyway(near_.get(), Bytes(1), fds));
  pipe.in = base::UniqueFd();
  EXPECT_EQ(ReceivePacket(far_.get()).error().code, Code::kCorrupt);
  EXPECT_TRUE(pipe.AtEnd());
}

TEST_F(PacketSocket, SaysThatTheOtherEndIsClosed) {
  far_ = base::UniqueFd();
  EXPECT_EQ(ReceivePacket(near_.get()).error().code, Code::kUnavailable);
  EXPECT_EQ(SendPacket(near_.get(), Bytes(1), {}).error().code, Code::kUnavailable);
}

TEST_F(PacketSocket, SaysThatTheOtherEndIsClosedWithPacketsUnread) {
  ASSERT_TRUE(SendPacket(near_.get(), Bytes(1), {}).ok());
  far_ = base::UniqueFd();
  EXPECT_EQ(ReceivePacket(near_.get()).error().code, Code::kUnavailable);
}

TEST_F(PacketSocket, DoesNotWaitForAReaderThatDoesNotRead) {
  base::Status status = base::Ok();
  for (int i = 0; i < 10'000 && status.ok(); ++i) status = SendPacket(near_.get(), Bytes(4096), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::kExhausted);
}

}  // namespace
}  // namespace bulkhead::node
