// SPDX-License-Identifier: Apache-2.0
// Which GPU, and which place on it, a request gets that leaves the choice to us. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/device_backend.h"
#include "device/gpu.h"

namespace bulkhead::device {

constexpr std::string_view kWholeGpu = "gpu";

struct GpuPlace {
  std::size_t gpu = 0;
  int profile = 0;  // index into the model's profiles
  int start = 0;
};

// kInvalid: no such GPU, profile or start on any of them.
base::Status CheckRequest(const PartitionRequest& request, const std::vector<Gpu>& gpus);

// Whether the GPU is one that the request may get a place on: named or not, and cut or whole as the
// profile wants it.
bool IsMeant(const PartitionRequest& request, const Gpu& gpu);

// The first place beside the instances that are there, over the GPUs for which `open` is set.
std::optional<GpuPlace> FirstPlace(const PartitionRequest& request, const std::vector<Gpu>& gpus,
                                   const std::vector<bool>& open);

// "3g.20gb at 4 of GPU-..."
std::string TextOf(const PartitionRequest& place);

// As CheckRequest, for one that is to name an instance of a GPU: kInvalid, too, where it does not
// name device and start, or is a whole GPU.
base::Status CheckPlace(const PartitionRequest& place, const std::vector<Gpu>& gpus);

// What is there of that profile at that place; nullptr: nothing. CheckPlace has passed.
const GpuInstance* InstanceAt(const PartitionRequest& place, const std::vector<Gpu>& gpus);

// kExhausted: what is there leaves no room at the place that is named.
base::Error NoPlace(const PartitionRequest& place, const std::vector<Gpu>& gpus);

// Of the instances of `gpu` that are not on `without`, which is the same GPU with fewer, those that
// must go so that the place is free.
std::vector<GpuInstance> InTheWay(const Gpu& gpu, const Gpu& without, const GpuPlace& place);

}  // namespace bulkhead::device
