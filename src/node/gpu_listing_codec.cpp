// SPDX-License-Identifier: Apache-2.0
#include "node/gpu_listing_codec.h"

#include <utility>

#include "node/node_protocol.h"
#include "node/packet_header.h"

namespace bulkhead::node {
namespace {

void WriteOwner(const GpuOwner& owner, base::ByteWriter& writer) {
  writer.WriteFlag(owner.ours);
  writer.WriteText(owner.partition_id);
  writer.WriteText(owner.worker);
}

GpuOwner ReadOwner(base::ByteReader& reader) {
  GpuOwner owner;
  owner.ours = reader.ReadFlag();
  owner.partition_id = ReadOptionalPrintable(kPartitionIdBytesMax, reader);
  owner.worker = reader.ReadText(kWorkerNameBytesMax);
  if (!owner.worker.empty() && !IsWorkerName(owner.worker)) reader.Fail();
  // A worker holds a partition, and a partition is ours.
  if (!owner.worker.empty() && owner.partition_id.empty()) reader.Fail();
  if (!owner.partition_id.empty() && !owner.ours) reader.Fail();
  return owner;
}

ListedGpu ReadGpu(base::ByteReader& reader) {
  ListedGpu gpu;
  gpu.inventory = reader.ReadText(kGpuInventoryBytesMax);
  gpu.whole = ReadOwner(reader);
  gpu.fenced = ReadOptionalPrintable(kFenceBytesMax, reader);
  const std::size_t count = reader.ReadCount(kInstancesPerGpuMax, 1);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) gpu.instances.push_back(ReadOwner(reader));
  return gpu;
}

}  // namespace

void WriteGpus(const GpuListing& listing, base::ByteWriter& writer) {
  writer.WriteFlag(listing.more);
  writer.Write<uint32_t>(static_cast<uint32_t>(listing.gpus.size()));
  for (const ListedGpu& gpu : listing.gpus) {
    writer.WriteText(gpu.inventory);
    WriteOwner(gpu.whole, writer);
    writer.WriteText(gpu.fenced);
    writer.Write<uint32_t>(static_cast<uint32_t>(gpu.instances.size()));
    for (const GpuOwner& owner : gpu.instances) WriteOwner(owner, writer);
  }
}

GpuListing ReadGpus(RequestId id, base::ByteReader& reader) {
  GpuListing listing;
  listing.id = id;
  listing.more = reader.ReadFlag();
  const std::size_t count = reader.ReadCount(kGpusPerListing, 1);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) listing.gpus.push_back(ReadGpu(reader));
  // One that has more but shows nothing would be asked for ever.
  if (listing.more && count == 0) reader.Fail();
  return listing;
}

}  // namespace bulkhead::node
