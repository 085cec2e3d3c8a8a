// SPDX-License-Identifier: Apache-2.0
#include "channel/message_header.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

constexpr uint32_t kMagic = 0x50574842;  // "BHWP"

bool IsMessageType(uint16_t type) {
  return type >= static_cast<uint16_t>(MessageType::kHello) &&
         type <= static_cast<uint16_t>(MessageType::kInferReply);
}

std::size_t BodyBytesMax(MessageType type) {
  const bool tensors = type == MessageType::kInferRequest || type == MessageType::kInferReply;
  return tensors ? kInferBodyBytesMax : kBodyBytesMax;
}

}  // namespace

std::array<std::byte, kHeaderBytes> EncodeHeader(const MessageHeader& header) {
  base::ByteWriter writer;
  writer.Write<uint32_t>(kMagic);
  writer.Write<uint16_t>(kProtocolVersion);
  writer.Write<uint16_t>(static_cast<uint16_t>(header.type));
  writer.Write<uint64_t>(header.id);
  writer.Write<int64_t>(header.deadline.count());
  writer.Write<uint32_t>(header.body_bytes);
  writer.Write<uint32_t>(0);
  std::array<std::byte, kHeaderBytes> bytes{};
  std::ranges::copy(std::move(writer).Take(), bytes.begin());
  return bytes;
}

base::Result<MessageHeader> DecodeHeader(std::span<const std::byte, kHeaderBytes> bytes) {
  base::ByteReader reader(bytes);
  if (reader.Read<uint32_t>() != kMagic) return Breach("a message without the magic number");
  const auto version = reader.Read<uint16_t>();
  if (version != kProtocolVersion) {
    return Breach("protocol version " + std::to_string(version) + ", not " +
                  std::to_string(kProtocolVersion));
  }
  const auto type = reader.Read<uint16_t>();
  if (!IsMessageType(type)) return Breach("message type " + std::to_string(type));
  MessageHeader header;
  header.type = static_cast<MessageType>(type);
  header.id = reader.Read<uint64_t>();
  header.deadline = Deadline(reader.Read<int64_t>());
  if (header.deadline.count() < 0) return Breach("a deadline beyond 2^63 ns");
  header.body_bytes = reader.Read<uint32_t>();
  if (header.body_bytes > BodyBytesMax(header.type)) {
    return Breach("a body of " + std::to_string(header.body_bytes) + " bytes");
  }
  if (reader.Read<uint32_t>() != 0) return Breach("reserved bytes of a header are not zero");
  return header;
}

base::Error Breach(std::string_view rule) {
  return base::OperatorError(base::Code::kCorrupt,
                             "the worker protocol was broken: " + std::string(rule));
}

}  // namespace bulkhead::channel
