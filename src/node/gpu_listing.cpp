// SPDX-License-Identifier: Apache-2.0
#include "node/gpu_listing.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "device/inventory_file.h"
#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;
using device::GpuDevice;

// What the owners and the lengths of a GPU take at most, beside its inventory.
constexpr std::size_t kOwnersBytesMax = std::size_t{12} << 10;
constexpr std::size_t kListingBytesMax = kPacketBytesMax - kOwnersBytesMax;

GpuOwner OwnerOf(bool ours, const std::string& partition_id, const FindWorker& find_worker) {
  return {ours, partition_id, partition_id.empty() ? std::string() : find_worker(partition_id)};
}

// In a packet every text is printable and has an end.
std::string FenceText(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text.substr(0, kFenceBytesMax);
}

ListedGpu Describe(const GpuDevice& device, const FindWorker& find_worker) {
  ListedGpu listed;
  listed.inventory = device::FormatInventory(std::span(&device.gpu, 1));
  listed.whole = OwnerOf(!device.whole_held_by.empty(), device.whole_held_by, find_worker);
  listed.fenced = FenceText(device.fenced);
  for (const device::InstanceHolder& holder : device.holders) {
    listed.instances.push_back(OwnerOf(holder.ours, holder.partition_id, find_worker));
  }
  return listed;
}

std::size_t BytesOf(const ListedGpu& gpu) {
  std::size_t bytes = gpu.inventory.size() + gpu.fenced.size() + 64;
  for (const GpuOwner& owner : gpu.instances) {
    bytes += owner.partition_id.size() + owner.worker.size() + 9;
  }
  return bytes;
}

}  // namespace

base::Result<GpuListing> ListGpusOf(const NodeDevices& devices, const ListGpus& request,
                                    const FindWorker& find_worker) {
  GpuListing listing{request.id, false, {}};
  if (devices.gpus == nullptr) return listing;
  BH_ASSIGN(const std::vector<device::Device> all, devices.gpus->List());
  std::size_t bytes = 0;
  for (std::size_t i = request.first; i < all.size(); ++i) {
    if (!all[i].gpu) continue;
    ListedGpu gpu = Describe(*all[i].gpu, find_worker);
    if (gpu.inventory.size() > kGpuInventoryBytesMax ||
        gpu.instances.size() > kInstancesPerGpuMax) {
      return OperatorError(Code::kInternal, all[i].id + " is more than can be told of a GPU");
    }
    bytes += BytesOf(gpu);
    listing.more = bytes > kListingBytesMax || listing.gpus.size() == kGpusPerListing;
    if (listing.more) break;
    listing.gpus.push_back(std::move(gpu));
  }
  return listing;
}

base::Status Change(const NodeDevices& devices, const ChangeInstance& request) {
  if (devices.gpus == nullptr) {
    return OperatorError(Code::kUnsupported,
                         "this node has no GPUs: start it with --devices nvml: where GPUs are");
  }
  const device::PartitionRequest place{request.profile, request.device_id, request.start};
  return request.change == ChangeInstance::Change::kMake ? devices.gpus->MakeIdle(place)
                                                         : devices.gpus->RemoveIdle(place);
}

}  // namespace bulkhead::node
