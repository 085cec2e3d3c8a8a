// SPDX-License-Identifier: Apache-2.0
// Any packet at either end of the node's control socket: decoding ends, and whatever is accepted is
// written again as the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "node/node_protocol.h"

namespace {

using bulkhead::node::DecodeReply;
using bulkhead::node::DecodeRequest;

// The version of a refusal is the other end's; all other bytes must be the same.
bool SamePacket(std::span<const std::byte> one, std::span<const std::byte> other) {
  constexpr std::size_t kVersion = 4;
  return one.size() == other.size() &&
         std::ranges::equal(one.first(kVersion), other.first(kVersion)) &&
         std::ranges::equal(one.subspan(kVersion + 2), other.subspan(kVersion + 2));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const std::size_t descriptors = bytes[0] % 4;
  const auto packet = std::as_bytes(std::span(bytes, size)).subspan(1);
  if (const auto request = DecodeRequest(packet, descriptors); request.ok()) {
    BH_CHECK(bulkhead::node::DescriptorsOf(request.value()) == descriptors);
    BH_CHECK(SamePacket(bulkhead::node::EncodeRequest(request.value()).value(), packet));
  }
  if (const auto reply = DecodeReply(packet, descriptors); reply.ok()) {
    BH_CHECK(bulkhead::node::DescriptorsOf(reply.value()) == descriptors);
    BH_CHECK(SamePacket(bulkhead::node::EncodeReply(reply.value()).value(), packet));
  }
  return 0;
}
