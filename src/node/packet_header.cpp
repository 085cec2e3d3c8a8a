// SPDX-License-Identifier: Apache-2.0
#include "node/packet_header.h"

#include <algorithm>
#include <array>

#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

constexpr uint32_t kMagic = 0x444e4842;  // "BHND"

struct PacketRule {
  PacketType type;
  std::size_t descriptors;
  bool has_id;
};

constexpr std::array kRules{
    PacketRule{PacketType::kHello, 0, false},
    PacketRule{PacketType::kLaunch, 2, true},
    PacketRule{PacketType::kDrain, 0, true},
    PacketRule{PacketType::kDestroy, 0, true},
    PacketRule{PacketType::kRestart, 0, true},
    PacketRule{PacketType::kList, 0, true},
    PacketRule{PacketType::kWelcome, 0, false},
    PacketRule{PacketType::kAccepted, 0, true},
    PacketRule{PacketType::kLaunched, 1, false},
    PacketRule{PacketType::kEnded, 0, false},
    PacketRule{PacketType::kListing, 0, true},
    PacketRule{PacketType::kListGpus, 0, true},
    PacketRule{PacketType::kMakeInstance, 0, true},
    PacketRule{PacketType::kRemoveInstance, 0, true},
    PacketRule{PacketType::kGpuListing, 0, true},
    PacketRule{PacketType::kSeal, 2, true},
    PacketRule{PacketType::kRewrap, 1, true},
    PacketRule{PacketType::kKeyOrder, 0, true},
    PacketRule{PacketType::kSealed, 0, true},
    PacketRule{PacketType::kRewrapped, 0, true},
    PacketRule{PacketType::kKeyStatus, 0, true},
};

// The number is the place of a layer in the enumeration; it is part of the format.
static_assert(isolation::kLayerCount == 18 &&
              static_cast<int>(isolation::Layer::kUserNamespace) == 0 &&
              static_cast<int>(isolation::Layer::kOwnUser) == 7 &&
              static_cast<int>(isolation::Layer::kLandlock) == 13 &&
              static_cast<int>(isolation::Layer::kCgroupCpus) == 17);

base::Status CheckRule(const PacketHeader& header) {
  // The only one that may answer a request or, of a whole connection, none.
  if (header.type == PacketType::kRefused) {
    return header.descriptors == 0 ? base::Ok() : Breach("a descriptor that belongs to nothing");
  }
  const auto* rule = std::ranges::find(kRules, header.type, &PacketRule::type);
  if (rule == kRules.end()) return Breach("an unknown type");
  if (header.descriptors != rule->descriptors) return Breach("a wrong number of descriptors");
  if ((header.id != 0) != rule->has_id) return Breach("an id where none belongs, or none");
  return base::Ok();
}

}  // namespace

base::Error Breach(std::string_view rule) {
  return base::OperatorError(base::Code::kCorrupt,
                             "the other end of the control socket sent " + std::string(rule));
}

void WriteHeader(const PacketHeader& header, base::ByteWriter& writer) {
  writer.Write<uint32_t>(kMagic);
  writer.Write<uint16_t>(kNodeProtocolVersion);
  writer.Write<uint8_t>(static_cast<uint8_t>(header.type));
  writer.Write<uint8_t>(static_cast<uint8_t>(header.descriptors));
  writer.Write<uint64_t>(header.id);
}

base::Result<PacketHeader> ReadHeader(base::ByteReader& reader, std::size_t descriptors) {
  const auto magic = reader.Read<uint32_t>();
  const auto version = reader.Read<uint16_t>();
  PacketHeader header;
  header.type = static_cast<PacketType>(reader.Read<uint8_t>());
  header.descriptors = reader.Read<uint8_t>();
  header.id = reader.Read<uint64_t>();
  if (!reader.ok()) return Breach("less than a header");
  if (magic != kMagic) return Breach("what is not of this protocol");
  // A refusal reads the same in every version, so that the other end learns why.
  if (version != kNodeProtocolVersion && header.type != PacketType::kRefused) {
    return base::OperatorError(base::Code::kUnsupported,
                               "the other end of the control socket speaks version " +
                                   std::to_string(version) + ", this is version " +
                                   std::to_string(kNodeProtocolVersion) +
                                   "; run programs of one release");
  }
  if (header.descriptors != descriptors) return Breach("another number of descriptors than said");
  BH_TRY(CheckRule(header));
  return header;
}

void WriteLayers(const isolation::LayerSet& layers, base::ByteWriter& writer) {
  uint32_t bits = 0;
  for (std::size_t i = 0; i < isolation::kLayerCount; ++i) {
    if (layers.Has(static_cast<isolation::Layer>(i))) bits |= uint32_t{1} << i;
  }
  writer.Write<uint32_t>(bits);
}

isolation::LayerSet ReadLayers(base::ByteReader& reader) {
  const auto bits = reader.Read<uint32_t>();
  if (bits >> isolation::kLayerCount != 0) reader.Fail();
  isolation::LayerSet layers;
  for (std::size_t i = 0; i < isolation::kLayerCount; ++i) {
    if ((bits >> i & 1U) != 0) layers.Add(static_cast<isolation::Layer>(i));
  }
  return layers;
}

void WriteTier(device::Tier tier, base::ByteWriter& writer) {
  writer.Write<uint8_t>(static_cast<uint8_t>(static_cast<int>(tier) + 1));
}

device::Tier ReadTier(base::ByteReader& reader) {
  static_assert(static_cast<int>(device::Tier::kHard) == 0 &&
                static_cast<int>(device::Tier::kSoft) == 3);
  const auto number = reader.Read<uint8_t>();
  if (number < 1 || number > 4) reader.Fail();
  return reader.ok() ? static_cast<device::Tier>(number - 1) : device::Tier::kSoft;
}

void WriteTiers(const std::vector<device::Tier>& tiers, base::ByteWriter& writer) {
  unsigned bits = 0;
  for (const device::Tier tier : tiers) bits |= 1U << static_cast<unsigned>(tier);
  writer.Write<uint8_t>(static_cast<uint8_t>(bits));
}

std::vector<device::Tier> ReadTiers(base::ByteReader& reader) {
  const unsigned bits = reader.Read<uint8_t>();
  if (bits < 1 || bits > 15) reader.Fail();
  std::vector<device::Tier> tiers;
  for (unsigned i = 0; i < 4; ++i) {
    if ((bits >> i & 1U) != 0) tiers.push_back(static_cast<device::Tier>(i));
  }
  return tiers;
}

void WriteStart(const std::optional<int>& start, base::ByteWriter& writer) {
  writer.Write<int32_t>(start.value_or(-1));
}

std::optional<int> ReadStart(base::ByteReader& reader) {
  const int start = reader.Read<int32_t>();
  if (start < -1 || start > kPlaceStartMax) reader.Fail();
  if (!reader.ok() || start < 0) return std::nullopt;
  return start;
}

std::string ReadOptionalPrintable(std::size_t bytes_max, base::ByteReader& reader) {
  std::string text = reader.ReadText(bytes_max);
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) reader.Fail();
  return text;
}

std::string ReadPrintable(std::size_t bytes_max, base::ByteReader& reader) {
  std::string text = ReadOptionalPrintable(bytes_max, reader);
  if (text.empty()) reader.Fail();
  return text;
}

std::string ReadWorkerName(base::ByteReader& reader) {
  std::string name = reader.ReadText(kWorkerNameBytesMax);
  if (!IsWorkerName(name)) reader.Fail();
  return name;
}

void WriteSealedName(const seal::SealedName& name, base::ByteWriter& writer) {
  writer.WriteText(name.tenant);
  writer.WriteText(name.model);
  writer.Write<uint32_t>(name.version);
}

seal::SealedName ReadSealedName(base::ByteReader& reader) {
  seal::SealedName name;
  name.tenant = ReadPrintable(seal::kSealedNameBytesMax, reader);
  name.model = ReadPrintable(seal::kSealedNameBytesMax, reader);
  name.version = reader.Read<uint32_t>();
  if (name.version == 0) reader.Fail();
  return name;
}

bool IsWorkerName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kWorkerNameBytesMax && std::ranges::all_of(name, allowed);
}

}  // namespace bulkhead::node
