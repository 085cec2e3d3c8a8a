// SPDX-License-Identifier: Apache-2.0
// The 32 bytes in front of every message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "channel/messages.h"

namespace bulkhead::channel {

inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr uint16_t kProtocolVersion = 2;

enum class MessageType : uint16_t {
  kHello = 1,          // worker to client
  kDetectRequest = 2,  // client to worker
  kDetectReply = 3,    // worker to client
  kFailureReply = 4,   // worker to client
  kCancelRequest = 5,  // client to worker
  kDrain = 6,          // client to worker
  kInferRequest = 7,   // client to worker
  kInferReply = 8,     // worker to client
};

struct MessageHeader {
  MessageType type = MessageType::kHello;
  RequestId id = 0;      // 0 where the message belongs to no request
  Deadline deadline{0};  // of a request; zero elsewhere
  uint32_t body_bytes = 0;
};

std::array<std::byte, kHeaderBytes> EncodeHeader(const MessageHeader& header);

// kCorrupt: another magic or version, an unknown type, a deadline beyond 2^63, a body over
// kBodyBytesMax (kInferBodyBytesMax with tensors), or a reserved byte that is not zero.
base::Result<MessageHeader> DecodeHeader(std::span<const std::byte, kHeaderBytes> bytes);

// The error of an end that broke the protocol. `rule` is what it broke, for the operator.
base::Error Breach(std::string_view rule);

}  // namespace bulkhead::channel
