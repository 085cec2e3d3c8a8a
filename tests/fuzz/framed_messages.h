// SPDX-License-Identifier: Apache-2.0
// A fuzzer's bytes as a stream of the worker protocol.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "channel/message_header.h"

namespace bulkhead::channel {

// Bytes that are read from the front; zeros after the end.
struct FuzzBytes {
  std::span<const std::byte> rest;

  uint8_t Take() {
    if (rest.empty()) return 0;
    const std::byte first = rest.front();
    rest = rest.subspan(1);
    return std::to_integer<uint8_t>(first);
  }
};

// One message with a right header: type, id and body length are a byte or two of the input.
inline std::vector<std::byte> TakeMessage(FuzzBytes& input) {
  MessageHeader header;
  header.type = static_cast<MessageType>(1 + input.Take() % 8);
  header.id = input.Take() % 8;
  header.deadline = Deadline(input.Take() % 2);
  const std::size_t length = (std::size_t{input.Take()} << 8U) | input.Take();
  const auto body = input.rest.first(std::min(length, input.rest.size()));
  input.rest = input.rest.subspan(body.size());
  header.body_bytes = static_cast<uint32_t>(body.size());
  const auto bytes = EncodeHeader(header);
  std::vector<std::byte> message(bytes.begin(), bytes.end());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

// Gives bytes to a session in pieces; the last answer of the session.
template <typename Session>
auto FeedPieces(Session& session, std::span<const std::byte> bytes, std::size_t piece) {
  auto all = session.Received(0);
  while (all.ok() && !bytes.empty()) {
    const std::span<std::byte> buffer = session.ReceiveBuffer();
    const std::size_t count = std::min({piece, buffer.size(), bytes.size()});
    std::ranges::copy(bytes.first(count), buffer.begin());
    bytes = bytes.subspan(count);
    auto events = session.Received(count);
    if (!events.ok()) return events;
    for (auto& event : events.value()) all.value().push_back(std::move(event));
  }
  return all;
}

}  // namespace bulkhead::channel
