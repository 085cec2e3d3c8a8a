// SPDX-License-Identifier: Apache-2.0
// One packet of a SOCK_SEQPACKET Unix socket with the descriptors that travel with it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

struct Packet {
  std::vector<std::byte> bytes;
  std::vector<base::UniqueFd> descriptors;  // close on exec
};

// Sends whole or not at all, without waiting. The descriptors stay the caller's; at most
// kDescriptorsMax.
//
// kUnavailable: the other end is closed. kExhausted: it does not read, and its buffer is full.
// kInternal: the packet is larger than the socket takes.
base::Status SendPacket(int socket, std::span<const std::byte> bytes,
                        std::span<const int> descriptors);

// The next packet; nullopt when there is none now. Does not wait.
//
// kUnavailable: the other end is closed. kCorrupt: a packet of more than kPacketBytesMax bytes or
// kDescriptorsMax descriptors, or something else than descriptors; what came of it is closed. The
// kernel says the same when this process has no descriptor left.
base::Result<std::optional<Packet>> ReceivePacket(int socket);

}  // namespace bulkhead::node
