// SPDX-License-Identifier: Apache-2.0
// Lies on the frames socket and on the status pipe, told while the first request (1) is open.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/syscall.h>

#include "base/result.h"
#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/inheritance.h"
#include "channel/message_header.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

using channel::MessageType;

bool Send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(channel::kFramesFd, bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

Loot Sent(bool sent) { return sent ? Nothing("said it") : Refused("write"); }

std::vector<std::byte> Message(MessageType type, channel::RequestId id,
                               std::span<const std::byte> body) {
  const auto header =
      channel::EncodeHeader({type, id, channel::Deadline{0}, static_cast<uint32_t>(body.size())});
  std::vector<std::byte> message(header.size() + body.size());
  std::ranges::copy(header, message.begin());
  std::ranges::copy(body, message.begin() + header.size());
  return message;
}

std::vector<std::byte> Failure(channel::RequestId id) {
  return Message(MessageType::kFailureReply, id,
                 channel::EncodeFailure(base::PublicError(base::Code::kInvalid, "no")));
}

Loot Garbage(const Order&) { return Sent(Send(std::vector<std::byte>(4096, std::byte{0xa5}))); }

// A header that promises more than any message may be.
Loot LongBody(const Order&) {
  const auto header = channel::EncodeHeader(
      {MessageType::kDetectReply, 1, channel::Deadline{0}, std::numeric_limits<uint32_t>::max()});
  return Sent(Send(header));
}

Loot UnknownRequest(const Order&) { return Sent(Send(Failure(4711))); }

// The frame goes on and is answered once more.
Loot AnswerTwice(const Order&) { return Sent(Send(Failure(1))); }

Loot SecondHello(const Order&) {
  return Sent(Send(Message(MessageType::kHello, 0, std::vector<std::byte>(64))));
}

Loot RequestOfClient(const Order&) {
  return Sent(Send(Message(MessageType::kDetectRequest, 2, std::vector<std::byte>(64))));
}

// A reply of the right length that consists of NaN and counts without end.
Loot ForgedReply(const Order&) {
  return Sent(
      Send(Message(MessageType::kDetectReply, 1, std::vector<std::byte>(72, std::byte{0xff}))));
}

Loot HalfMessage(const Order&) {
  const auto message = Failure(1);
  const bool sent = Send(std::span(message).first(message.size() - 1));
  for (;;) ::sleep(1);
  return Sent(sent);
}

// One byte now and then, for as long as anybody listens.
Loot DripMessage(const Order&) {
  for (const std::byte byte : Failure(1)) {
    if (!Send({&byte, 1})) break;
    ::usleep(20'000);
  }
  for (;;) ::sleep(1);
}

Loot Flood(const Order&) {
  const auto message = Failure(1);
  while (Send(message)) {
  }
  return Refused("write");
}

Loot CloseFrames(const Order&) {
  ::close(channel::kFramesFd);
  for (;;) ::sleep(1);
}

// Accuses itself of a call that it never made, with the number in the argument.
Loot ForgeViolation(const Order& order) {
  channel::WriteStatus(channel::kStatusFd,
                       {channel::WorkerState::kViolated, 0, 0xc000003e, std::stoi(order.argument)});
  return Nothing("accused itself");
}

// The same before it makes another one.
Loot ForgeThenViolate(const Order& order) {
  ForgeViolation(order);
  return Sent(::syscall(SYS_socket, 1, 1, 0) < 0);
}

// Longer than the client waits.
Loot AnswerLate(const Order&) {
  ::usleep(900'000);
  return Nothing("took its time");
}

Loot ForgeReady(const Order&) {
  channel::WriteStatus(channel::kStatusFd, {channel::WorkerState::kReady});
  return Nothing("said that it is ready");
}

Loot StatusGarbage(const Order&) {
  const std::string bytes(channel::kStatusRecordBytes, '\xee');
  return Sent(::write(channel::kStatusFd, bytes.data(), bytes.size()) > 0);
}

Loot StatusPieces(const Order&) {
  const std::string bytes(7, '\1');
  return Sent(::write(channel::kStatusFd, bytes.data(), bytes.size()) > 0);
}

// Until the pipe is full and it waits for itself.
Loot StatusFlood(const Order&) {
  for (;;) channel::WriteStatus(channel::kStatusFd, {channel::WorkerState::kLoading});
}

Loot LogTerminalCodes(const Order&) {
  Tell(
      "\x1b[2J\x1b]0;owned\x07\xc2\x9b"
      "31m\r\b\b");
  return Nothing("wrote them");
}

constexpr Attack kAttacks[] = {{"garbage", Garbage},
                               {"long-body", LongBody},
                               {"unknown-request", UnknownRequest},
                               {"answer-twice", AnswerTwice},
                               {"second-hello", SecondHello},
                               {"request-of-client", RequestOfClient},
                               {"forged-reply", ForgedReply},
                               {"half-message", HalfMessage},
                               {"drip-message", DripMessage},
                               {"flood", Flood},
                               {"close-frames", CloseFrames},
                               {"forge-violation", ForgeViolation},
                               {"forge-then-violate", ForgeThenViolate},
                               {"answer-late", AnswerLate},
                               {"forge-ready", ForgeReady},
                               {"status-garbage", StatusGarbage},
                               {"status-pieces", StatusPieces},
                               {"status-flood", StatusFlood},
                               {"log-terminal-codes", LogTerminalCodes}};

}  // namespace

std::span<const Attack> ProtocolAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
