// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "channel/failure_codec.h"
#include "node/gpu_listing_codec.h"
#include "node/node_protocol.h"
#include "node/packet_header.h"

namespace bulkhead::node {
namespace {

using std::chrono::milliseconds;

PacketHeader HeaderOf(const Welcome& /*welcome*/) { return {PacketType::kWelcome, 0, 0}; }
PacketHeader HeaderOf(const Accepted& accepted) { return {PacketType::kAccepted, 0, accepted.id}; }
PacketHeader HeaderOf(const Refused& refused) { return {PacketType::kRefused, 0, refused.id}; }
PacketHeader HeaderOf(const Launched& /*launched*/) { return {PacketType::kLaunched, 1, 0}; }
PacketHeader HeaderOf(const Ended& /*ended*/) { return {PacketType::kEnded, 0, 0}; }
PacketHeader HeaderOf(const Listing& listing) { return {PacketType::kListing, 0, listing.id}; }

PacketHeader HeaderOf(const GpuListing& listing) {
  return {PacketType::kGpuListing, 0, listing.id};
}
PacketHeader HeaderOf(const Sealed& sealed) { return {PacketType::kSealed, 0, sealed.id}; }
PacketHeader HeaderOf(const Rewrapped& made) { return {PacketType::kRewrapped, 0, made.id}; }
PacketHeader HeaderOf(const KeyStatus& status) { return {PacketType::kKeyStatus, 0, status.id}; }

void WriteStarts(int starts, base::ByteWriter& writer) {
  writer.Write<uint32_t>(static_cast<uint32_t>(starts));
}

int ReadStarts(base::ByteReader& reader) {
  const auto starts = reader.Read<uint32_t>();
  if (starts > uint32_t{kStartsMax}) reader.Fail();
  return reader.ok() ? static_cast<int>(starts) : 0;
}

Phase ReadPhase(base::ByteReader& reader) {
  const auto number = reader.Read<uint8_t>();
  if (number < 1 || number > static_cast<uint8_t>(Phase::kEnded)) reader.Fail();
  return reader.ok() ? static_cast<Phase>(number) : Phase::kEnded;
}

// 0: no process ended; else the place of the reason in its enumeration, from 1.
void WriteEnd(const std::optional<isolation::End>& end, base::ByteWriter& writer) {
  writer.Write<uint8_t>(end ? static_cast<uint8_t>(static_cast<int>(end->reason) + 1) : 0);
  const isolation::End value = end.value_or(isolation::End{});
  writer.Write<int32_t>(value.exit_status);
  writer.Write<int32_t>(value.signal);
  writer.Write<int32_t>(value.syscall_number);
  writer.Write<uint32_t>(value.syscall_arch);
}

std::optional<isolation::End> ReadEnd(base::ByteReader& reader) {
  using isolation::EndReason;
  static_assert(static_cast<int>(EndReason::kFinished) == 0 &&
                static_cast<int>(EndReason::kViolated) == 2 &&
                static_cast<int>(EndReason::kLost) == 6);
  const auto reason = reader.Read<uint8_t>();
  if (reason > static_cast<uint8_t>(EndReason::kLost) + 1) reader.Fail();
  isolation::End end;
  end.exit_status = reader.Read<int32_t>();
  end.signal = reader.Read<int32_t>();
  end.syscall_number = reader.Read<int32_t>();
  end.syscall_arch = reader.Read<uint32_t>();
  const bool empty =
      end.exit_status == 0 && end.signal == 0 && end.syscall_number == -1 && end.syscall_arch == 0;
  if (reason == 0 && !empty) reader.Fail();
  if (!reader.ok() || reason == 0) return std::nullopt;
  end.reason = static_cast<EndReason>(reason - 1);
  return end;
}

void WritePlace(const Place& place, base::ByteWriter& writer) {
  writer.WriteText(place.partition_id);
  writer.WriteText(place.device_id);
  writer.WriteText(place.profile);
  WriteStart(place.start, writer);
  writer.WriteText(place.cores);
  WriteTier(place.tier, writer);
  writer.WriteFlag(place.simulated);
}

Place ReadPlace(base::ByteReader& reader) {
  Place place;
  place.partition_id = ReadPrintable(kPartitionIdBytesMax, reader);
  place.device_id = ReadPrintable(kDeviceIdBytesMax, reader);
  place.profile = ReadPrintable(kProfileBytesMax, reader);
  place.start = ReadStart(reader);
  place.cores = ReadOptionalPrintable(kProfileBytesMax, reader);
  place.tier = ReadTier(reader);
  place.simulated = reader.ReadFlag();
  return place;
}

void WriteBody(const Welcome& welcome, base::ByteWriter& writer) {
  writer.WriteText(welcome.program);
  writer.WriteFlag(welcome.gpus.simulated);
  writer.Write<uint32_t>(static_cast<uint32_t>(welcome.gpus.models.size()));
  for (const std::string& model : welcome.gpus.models) writer.WriteText(model);
}

Welcome ReadWelcome(base::ByteReader& reader) {
  Welcome welcome;
  welcome.program = ReadPrintable(kProgramBytesMax, reader);
  welcome.gpus.simulated = reader.ReadFlag();
  const std::size_t count = reader.ReadCount(kGpuModelsMax, 1);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    welcome.gpus.models.push_back(ReadPrintable(kGpuModelBytesMax, reader));
  }
  return welcome;
}

void WriteBody(const Accepted& /*accepted*/, base::ByteWriter& /*writer*/) {}

void WriteBody(const Refused& refused, base::ByteWriter& writer) {
  writer.WriteBytes(channel::EncodeFailure(refused.error));
}

void WriteBody(const Launched& launched, base::ByteWriter& writer) {
  writer.WriteText(launched.name);
  WriteStarts(launched.starts, writer);
  WritePlace(launched.place, writer);
  WriteLayers(launched.layers, writer);
}

void WriteBody(const Ended& ended, base::ByteWriter& writer) {
  writer.WriteText(ended.name);
  WriteStarts(ended.starts, writer);
  writer.Write<uint8_t>(static_cast<uint8_t>(ended.phase));
  const bool fits = ended.next_start.count() >= 0 && ended.next_start <= kTimeoutMax;
  writer.Write<uint32_t>(fits ? static_cast<uint32_t>(ended.next_start.count()) : UINT32_MAX);
  WriteEnd(ended.end, writer);
  writer.WriteFlag(ended.error.has_value());
  if (ended.error) writer.WriteBytes(channel::EncodeFailure(*ended.error));
}

void WriteBody(const Listing& listing, base::ByteWriter& writer) {
  writer.WriteFlag(listing.more);
  writer.Write<uint32_t>(static_cast<uint32_t>(listing.workers.size()));
  for (const WorkerSummary& worker : listing.workers) {
    writer.WriteText(worker.name);
    WritePlace(worker.place, writer);
    writer.Write<uint8_t>(static_cast<uint8_t>(worker.phase));
    WriteLayers(worker.layers, writer);
    WriteStarts(worker.starts, writer);
  }
}

void WriteBody(const GpuListing& listing, base::ByteWriter& writer) { WriteGpus(listing, writer); }

void WriteKeyName(const seal::KeyName& key, base::ByteWriter& writer) {
  writer.WriteText(key.provider);
  writer.WriteText(key.key);
}

seal::KeyName ReadKeyName(base::ByteReader& reader) {
  seal::KeyName key;
  key.provider = ReadPrintable(seal::kSealedNameBytesMax, reader);
  key.key = ReadPrintable(seal::kSealedNameBytesMax, reader);
  return key;
}

void WriteBody(const Sealed& sealed, base::ByteWriter& writer) {
  writer.WriteBytes(sealed.plain_sha256);
  writer.Write<uint64_t>(sealed.plain_bytes);
  WriteKeyName(sealed.key, writer);
}

void WriteBody(const Rewrapped& rewrapped, base::ByteWriter& writer) {
  writer.Write<uint32_t>(static_cast<uint32_t>(rewrapped.header.size()));
  writer.WriteBytes(rewrapped.header);
}

void WriteBody(const KeyStatus& status, base::ByteWriter& writer) {
  WriteKeyName(status.key, writer);
  writer.WriteFlag(status.exists);
  writer.Write<uint32_t>(status.oldest);
  writer.Write<uint32_t>(status.newest);
  writer.WriteFlag(status.revoked);
}

Sealed ReadSealed(RequestId id, base::ByteReader& reader) {
  Sealed sealed;
  sealed.id = id;
  const auto digest = reader.ReadBytes(sealed.plain_sha256.size());
  if (reader.ok()) std::ranges::copy(digest, sealed.plain_sha256.begin());
  sealed.plain_bytes = reader.Read<uint64_t>();
  sealed.key = ReadKeyName(reader);
  if (sealed.plain_bytes == 0 || sealed.plain_bytes > seal::kPlainBytesMax) reader.Fail();
  return sealed;
}

Rewrapped ReadRewrapped(RequestId id, base::ByteReader& reader) {
  const std::size_t bytes = reader.ReadCount(seal::kSealedHeaderBytesMax, 1);
  if (bytes == 0) reader.Fail();
  const auto header = reader.ReadBytes(bytes);
  return {id, {header.begin(), header.end()}};
}

KeyStatus ReadKeyStatus(RequestId id, base::ByteReader& reader) {
  KeyStatus status;
  status.id = id;
  status.key = ReadKeyName(reader);
  status.exists = reader.ReadFlag();
  status.oldest = reader.Read<uint32_t>();
  status.newest = reader.Read<uint32_t>();
  status.revoked = reader.ReadFlag();
  const bool versions = status.oldest >= 1 && status.oldest <= status.newest;
  if (status.exists ? !versions : status.oldest != 0 || status.newest != 0) reader.Fail();
  return status;
}

Launched ReadLaunched(base::ByteReader& reader) {
  Launched launched;
  launched.name = ReadWorkerName(reader);
  launched.starts = ReadStarts(reader);
  launched.place = ReadPlace(reader);
  launched.layers = ReadLayers(reader);
  return launched;
}

// The rest of the packet.
std::optional<base::Error> ReadError(base::ByteReader& reader) {
  auto failure = channel::DecodeFailure(0, reader.ReadBytes(reader.remaining()));
  if (!failure.ok()) {
    reader.Fail();
    return std::nullopt;
  }
  return std::move(failure).value().error;
}

Ended ReadEnded(base::ByteReader& reader) {
  Ended ended;
  ended.name = ReadWorkerName(reader);
  ended.starts = ReadStarts(reader);
  ended.phase = ReadPhase(reader);
  const bool follows = ended.phase == Phase::kBackingOff || ended.phase == Phase::kFailed ||
                       ended.phase == Phase::kEnded;
  ended.next_start = milliseconds(reader.Read<uint32_t>());
  const bool waits = ended.phase == Phase::kBackingOff;
  if (!follows || ended.next_start > (waits ? kTimeoutMax : milliseconds(0))) reader.Fail();
  ended.end = ReadEnd(reader);
  if (reader.ReadFlag()) ended.error = ReadError(reader);
  if (ended.end && ended.error) reader.Fail();
  return ended;
}

WorkerSummary ReadWorker(base::ByteReader& reader) {
  WorkerSummary worker;
  worker.name = ReadWorkerName(reader);
  worker.place = ReadPlace(reader);
  worker.phase = ReadPhase(reader);
  worker.layers = ReadLayers(reader);
  worker.starts = ReadStarts(reader);
  return worker;
}

Listing ReadListing(RequestId id, base::ByteReader& reader) {
  Listing listing;
  listing.id = id;
  listing.more = reader.ReadFlag();
  const std::size_t count = reader.ReadCount(kWorkersPerListing, 1);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    WorkerSummary worker = ReadWorker(reader);
    // In order and each once, or asking on would never come to an end.
    if (i > 0 && worker.name <= listing.workers.back().name) reader.Fail();
    listing.workers.push_back(std::move(worker));
  }
  if (listing.more && count == 0) reader.Fail();
  return listing;
}

base::Result<Reply> ReadBody(const PacketHeader& header, base::ByteReader& reader) {
  switch (header.type) {
    case PacketType::kWelcome:
      return Reply(ReadWelcome(reader));
    case PacketType::kAccepted:
      return Reply(Accepted{header.id});
    case PacketType::kRefused: {
      auto error = ReadError(reader);
      if (!error) return Breach("a refusal that does not parse");
      return Reply(Refused{header.id, *std::move(error)});
    }
    case PacketType::kLaunched:
      return Reply(ReadLaunched(reader));
    case PacketType::kEnded:
      return Reply(ReadEnded(reader));
    case PacketType::kListing:
      return Reply(ReadListing(header.id, reader));
    case PacketType::kGpuListing:
      return Reply(ReadGpus(header.id, reader));
    case PacketType::kSealed:
      return Reply(ReadSealed(header.id, reader));
    case PacketType::kRewrapped:
      return Reply(ReadRewrapped(header.id, reader));
    case PacketType::kKeyStatus:
      return Reply(ReadKeyStatus(header.id, reader));
    default:
      return Breach("a request where replies belong");
  }
}

}  // namespace

std::size_t DescriptorsOf(const Reply& reply) {
  return std::visit([](const auto& one) { return HeaderOf(one).descriptors; }, reply);
}

base::Result<std::vector<std::byte>> EncodeReply(const Reply& reply) {
  base::ByteWriter writer;
  std::visit(
      [&](const auto& one) {
        WriteHeader(HeaderOf(one), writer);
        WriteBody(one, writer);
      },
      reply);
  std::vector<std::byte> packet = std::move(writer).Take();
  // What the other end would refuse is not sent: one set of limits for both ends.
  const auto read_back = DecodeReply(packet, DescriptorsOf(reply));
  if (!read_back.ok()) {
    return base::OperatorError(base::Code::kInvalid,
                               "a reply of the node with a value outside of its limits");
  }
  return packet;
}

base::Result<Reply> DecodeReply(std::span<const std::byte> packet, std::size_t descriptors) {
  if (packet.size() > kPacketBytesMax) return Breach("a packet over the limit");
  base::ByteReader reader(packet);
  BH_ASSIGN(const PacketHeader header, ReadHeader(reader, descriptors));
  BH_ASSIGN(Reply reply, ReadBody(header, reader));
  if (!reader.finished()) return Breach("a reply with a field outside of its limits");
  return reply;
}

}  // namespace bulkhead::node
