// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "node/node_protocol.h"
#include "node/packet_header.h"

namespace bulkhead::node {
namespace {

using std::chrono::milliseconds;

PacketType TypeOf(Order order) {
  switch (order) {
    case Order::kDrain:
      return PacketType::kDrain;
    case Order::kDestroy:
      return PacketType::kDestroy;
    case Order::kRestart:
      break;
  }
  return PacketType::kRestart;
}

PacketHeader HeaderOf(const Hello& /*hello*/) { return {PacketType::kHello, 0, 0}; }
PacketHeader HeaderOf(const Launch& launch) { return {PacketType::kLaunch, 2, launch.id}; }
PacketHeader HeaderOf(const WorkerOrder& order) { return {TypeOf(order.order), 0, order.id}; }
PacketHeader HeaderOf(const List& list) { return {PacketType::kList, 0, list.id}; }
PacketHeader HeaderOf(const ListGpus& list) { return {PacketType::kListGpus, 0, list.id}; }
PacketHeader HeaderOf(const ChangeInstance& change) {
  const bool make = change.change == ChangeInstance::Change::kMake;
  return {make ? PacketType::kMakeInstance : PacketType::kRemoveInstance, 0, change.id};
}
PacketHeader HeaderOf(const Seal& seal) { return {PacketType::kSeal, 2, seal.id}; }
PacketHeader HeaderOf(const Rewrap& rewrap) { return {PacketType::kRewrap, 1, rewrap.id}; }
PacketHeader HeaderOf(const KeyOrder& order) { return {PacketType::kKeyOrder, 0, order.id}; }

void WriteMilliseconds(milliseconds time, base::ByteWriter& writer) {
  const bool fits = time.count() >= 0 && time.count() <= UINT32_MAX;
  writer.Write<uint32_t>(fits ? static_cast<uint32_t>(time.count()) : UINT32_MAX);
}

milliseconds ReadMilliseconds(base::ByteReader& reader) {
  const milliseconds time(reader.Read<uint32_t>());
  if (time > kTimeoutMax) reader.Fail();
  return time;
}

void WriteBody(const Hello& /*hello*/, base::ByteWriter& /*writer*/) {}

void WriteBody(const Launch& launch, base::ByteWriter& writer) {
  writer.WriteText(launch.name);
  writer.WriteText(launch.profile);
  writer.WriteText(launch.cores);
  WriteTiers(launch.tiers, writer);
  writer.WriteText(launch.device_id.value_or(""));
  WriteStart(launch.start, writer);
  WriteLayers(launch.optional_layers, writer);
  WriteMilliseconds(launch.start_timeout, writer);
  WriteMilliseconds(launch.drain_timeout, writer);
  writer.WriteFlag(launch.restart);
  WriteSealedName(launch.model, writer);
}

void WriteBody(const WorkerOrder& order, base::ByteWriter& writer) { writer.WriteText(order.name); }

void WriteBody(const List& list, base::ByteWriter& writer) { writer.WriteText(list.after); }

void WriteBody(const ListGpus& list, base::ByteWriter& writer) {
  writer.Write<uint32_t>(list.first);
}

void WriteBody(const ChangeInstance& change, base::ByteWriter& writer) {
  writer.WriteText(change.device_id);
  writer.WriteText(change.profile);
  WriteStart(change.start, writer);
}

ChangeInstance ReadChange(RequestId id, ChangeInstance::Change what, base::ByteReader& reader) {
  ChangeInstance change{id, what, {}, {}, 0};
  change.device_id = ReadPrintable(kDeviceIdBytesMax, reader);
  change.profile = ReadPrintable(kProfileBytesMax, reader);
  const auto start = ReadStart(reader);
  if (!start) reader.Fail();
  change.start = start.value_or(0);
  return change;
}

void WriteBody(const Seal& seal, base::ByteWriter& writer) { WriteSealedName(seal.name, writer); }

void WriteBody(const Rewrap& rewrap, base::ByteWriter& writer) {
  WriteSealedName(rewrap.name, writer);
}

void WriteBody(const KeyOrder& order, base::ByteWriter& writer) {
  writer.Write<uint8_t>(static_cast<uint8_t>(order.action));
  writer.WriteText(order.tenant);
}

KeyOrder ReadKeyOrder(RequestId id, base::ByteReader& reader) {
  const auto number = reader.Read<uint8_t>();
  if (number < 1 || number > static_cast<uint8_t>(KeyAction::kDestroy)) reader.Fail();
  KeyOrder order{id, reader.ok() ? static_cast<KeyAction>(number) : KeyAction::kDescribe, ""};
  order.tenant = ReadPrintable(seal::kSealedNameBytesMax, reader);
  return order;
}

Launch ReadLaunch(RequestId id, base::ByteReader& reader) {
  Launch launch;
  launch.id = id;
  launch.name = ReadWorkerName(reader);
  launch.profile = ReadPrintable(kProfileBytesMax, reader);
  launch.cores = ReadOptionalPrintable(kProfileBytesMax, reader);
  launch.tiers = ReadTiers(reader);
  std::string device = ReadOptionalPrintable(kDeviceIdBytesMax, reader);
  if (!device.empty()) launch.device_id = std::move(device);
  launch.start = ReadStart(reader);
  launch.optional_layers = ReadLayers(reader);
  launch.start_timeout = ReadMilliseconds(reader);
  launch.drain_timeout = ReadMilliseconds(reader);
  launch.restart = reader.ReadFlag();
  launch.model = ReadSealedName(reader);
  if (launch.start_timeout == milliseconds(0)) reader.Fail();
  return launch;
}

List ReadList(RequestId id, base::ByteReader& reader) {
  List list{id, reader.ReadText(kWorkerNameBytesMax)};
  if (!list.after.empty() && !IsWorkerName(list.after)) reader.Fail();
  return list;
}

base::Result<Request> ReadBody(const PacketHeader& header, base::ByteReader& reader) {
  switch (header.type) {
    case PacketType::kHello:
      return Request(Hello{});
    case PacketType::kLaunch:
      return Request(ReadLaunch(header.id, reader));
    case PacketType::kDrain:
      return Request(WorkerOrder{header.id, Order::kDrain, ReadWorkerName(reader)});
    case PacketType::kDestroy:
      return Request(WorkerOrder{header.id, Order::kDestroy, ReadWorkerName(reader)});
    case PacketType::kRestart:
      return Request(WorkerOrder{header.id, Order::kRestart, ReadWorkerName(reader)});
    case PacketType::kList:
      return Request(ReadList(header.id, reader));
    case PacketType::kListGpus:
      return Request(ListGpus{header.id, reader.Read<uint32_t>()});
    case PacketType::kMakeInstance:
      return Request(ReadChange(header.id, ChangeInstance::Change::kMake, reader));
    case PacketType::kRemoveInstance:
      return Request(ReadChange(header.id, ChangeInstance::Change::kRemove, reader));
    case PacketType::kSeal:
      return Request(Seal{header.id, ReadSealedName(reader)});
    case PacketType::kRewrap:
      return Request(Rewrap{header.id, ReadSealedName(reader)});
    case PacketType::kKeyOrder:
      return Request(ReadKeyOrder(header.id, reader));
    default:
      return Breach("a reply where requests belong");
  }
}

}  // namespace

std::size_t DescriptorsOf(const Request& request) {
  return std::visit([](const auto& one) { return HeaderOf(one).descriptors; }, request);
}

base::Result<std::vector<std::byte>> EncodeRequest(const Request& request) {
  base::ByteWriter writer;
  std::visit(
      [&](const auto& one) {
        WriteHeader(HeaderOf(one), writer);
        WriteBody(one, writer);
      },
      request);
  std::vector<std::byte> packet = std::move(writer).Take();
  // What the other end would refuse is not sent: one set of limits for both ends.
  const auto read_back = DecodeRequest(packet, DescriptorsOf(request));
  if (!read_back.ok()) {
    return base::OperatorError(base::Code::kInvalid,
                               "a request to the node with a value outside of its limits");
  }
  return packet;
}

base::Result<Request> DecodeRequest(std::span<const std::byte> packet, std::size_t descriptors) {
  if (packet.size() > kPacketBytesMax) return Breach("a packet over the limit");
  base::ByteReader reader(packet);
  BH_ASSIGN(const PacketHeader header, ReadHeader(reader, descriptors));
  BH_ASSIGN(Request request, ReadBody(header, reader));
  if (!reader.finished()) return Breach("a request with a field outside of its limits");
  return request;
}

}  // namespace bulkhead::node
