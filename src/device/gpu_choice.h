// SPDX-License-Identifier: Apache-2.0
// Which GPU, and which place on it, a request gets that leaves the choice to us. Pure.
#pragma once

#include <cstddef>
#include <optional>
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

}  // namespace bulkhead::device
