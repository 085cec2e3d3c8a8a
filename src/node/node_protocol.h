// SPDX-License-Identifier: Apache-2.0
// The messages of the node's control socket as bytes, both ends. One message is one packet of a
// SOCK_SEQPACKET Unix socket. The layout: docs/formats/node_protocol.md.
//
// The client hears the network and may have been taken over; the node takes nothing from it that is
// outside of the limits below. The same checks run in both directions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/messages.h"

namespace bulkhead::node {

constexpr uint16_t kNodeProtocolVersion = 3;
constexpr std::size_t kPacketBytesMax = std::size_t{64} << 10;
constexpr std::size_t kDescriptorsMax = 2;

constexpr std::size_t kWorkerNameBytesMax = 64;
constexpr std::size_t kProfileBytesMax = 64;
constexpr std::size_t kPartitionIdBytesMax = 64;
constexpr std::size_t kDeviceIdBytesMax = 128;
constexpr std::size_t kProgramBytesMax = 128;
constexpr std::size_t kWorkersPerListing = 64;
constexpr std::size_t kGpuModelsMax = 16;
constexpr std::size_t kGpuModelBytesMax = 64;
constexpr int kPlaceStartMax = 255;
constexpr std::size_t kGpusPerListing = 64;
constexpr std::size_t kGpuInventoryBytesMax = std::size_t{48} << 10;
constexpr std::size_t kInstancesPerGpuMax = 64;
constexpr std::size_t kFenceBytesMax = 512;
constexpr std::chrono::milliseconds kTimeoutMax{3'600'000};  // an hour
constexpr int kStartsMax = 1'000'000'000;

// 1 to 64 of [a-z0-9-].
bool IsWorkerName(std::string_view name);

// How many descriptors travel with it.
std::size_t DescriptorsOf(const Request& request);
std::size_t DescriptorsOf(const Reply& reply);

// kInvalid: a value outside of its limits; the detail names it. Texts of errors are cut.
base::Result<std::vector<std::byte>> EncodeRequest(const Request& request);
base::Result<std::vector<std::byte>> EncodeReply(const Reply& reply);

// One packet that came with so many descriptors.
//
// kUnsupported: a packet of another version of the protocol; the detail names both. kCorrupt:
// anything else that EncodeRequest or EncodeReply does not write; the detail names the rule. The
// receiver closes the connection on either.
base::Result<Request> DecodeRequest(std::span<const std::byte> packet, std::size_t descriptors);
base::Result<Reply> DecodeReply(std::span<const std::byte> packet, std::size_t descriptors);

}  // namespace bulkhead::node
