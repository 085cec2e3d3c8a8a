// SPDX-License-Identifier: Apache-2.0
// The 16 bytes in front of every packet, and the fields that requests and replies share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"
#include "device/device_backend.h"
#include "isolation/layer.h"
#include "node/messages.h"

namespace bulkhead::node {

constexpr std::size_t kPacketHeaderBytes = 16;

// Requests are below 64, replies from there on.
enum class PacketType : uint8_t {
  kHello = 1,
  kLaunch = 2,
  kDrain = 3,
  kDestroy = 4,
  kRestart = 5,
  kList = 6,
  kSeal = 7,
  kRewrap = 8,
  kKeyOrder = 9,
  kListGpus = 16,
  kMakeInstance = 17,
  kRemoveInstance = 18,
  kWelcome = 64,
  kAccepted = 65,
  kRefused = 66,
  kLaunched = 67,
  kEnded = 68,
  kListing = 69,
  kSealed = 70,
  kRewrapped = 71,
  kKeyStatus = 72,
  kGpuListing = 80,
};

struct PacketHeader {
  PacketType type = PacketType::kHello;
  std::size_t descriptors = 0;
  RequestId id = 0;
};

void WriteHeader(const PacketHeader& header, base::ByteWriter& writer);

// Reads it and holds it against what is known of every packet: magic, version, type, the number of
// descriptors of that type, whether it has an id. Errors as DecodeRequest.
base::Result<PacketHeader> ReadHeader(base::ByteReader& reader, std::size_t descriptors);

// The error of a packet that is not ours. `rule` is what it breaks.
base::Error Breach(std::string_view rule);

void WriteLayers(const isolation::LayerSet& layers, base::ByteWriter& writer);
isolation::LayerSet ReadLayers(base::ByteReader& reader);

void WriteTier(device::Tier tier, base::ByteWriter& writer);
device::Tier ReadTier(base::ByteReader& reader);
// As bits, in the order of the enumeration; at least one.
void WriteTiers(const std::vector<device::Tier>& tiers, base::ByteWriter& writer);
std::vector<device::Tier> ReadTiers(base::ByteReader& reader);

// In units of placement; -1: none.
void WriteStart(const std::optional<int>& start, base::ByteWriter& writer);
std::optional<int> ReadStart(base::ByteReader& reader);

// A text of 1 to `bytes_max` printable ASCII characters.
std::string ReadPrintable(std::size_t bytes_max, base::ByteReader& reader);
// The same, or empty.
std::string ReadOptionalPrintable(std::size_t bytes_max, base::ByteReader& reader);
std::string ReadWorkerName(base::ByteReader& reader);

void WriteSealedName(const seal::SealedName& name, base::ByteWriter& writer);
seal::SealedName ReadSealedName(base::ByteReader& reader);

}  // namespace bulkhead::node
