// SPDX-License-Identifier: Apache-2.0
#include "mig/gpu_model.h"

#include <algorithm>

namespace bulkhead::mig {
namespace {

std::vector<GpuModel> MakeModels() {
  return {
      {.name = "A100-40GB",
       .product = "NVIDIA A100-SXM4-40GB",
       .word = "a100",
       .pci_ids = {0x20B010DE},
       .observed = true,
       .units = 8,
       .memory_mib = 40960,
       .multiprocessors = 98,
       .profiles = {
           {"1g.5gb",
            19,
            1,
            1,
            {0, 1, 2, 3, 4, 5, 6},
            7,
            Media::kUsual,
            false,
            4864,
            14,
            {1, 0, 0, 0, 0}},
           {"1g.5gb+me",
            20,
            1,
            1,
            {0, 1, 2, 3, 4, 5, 6},
            1,
            Media::kAdded,
            false,
            4864,
            14,
            {1, 1, 0, 1, 1}},
           {"1g.10gb", 15, 1, 2, {0, 2, 4, 6}, 4, Media::kUsual, false, 9856, 14, {1, 1, 0, 0, 0}},
           {"2g.10gb", 14, 2, 2, {0, 2, 4}, 3, Media::kUsual, false, 9856, 28, {2, 1, 0, 0, 0}},
           {"3g.20gb", 9, 3, 4, {0, 4}, 2, Media::kUsual, false, 19968, 42, {3, 2, 0, 0, 0}},
           {"4g.20gb", 5, 4, 4, {0}, 1, Media::kUsual, false, 19968, 56, {4, 2, 0, 0, 0}},
           {"7g.40gb", 0, 7, 8, {0}, 1, Media::kUsual, false, 40192, 98, {7, 5, 0, 1, 1}}}}};
}

}  // namespace

std::span<const GpuModel> GpuModels() {
  static const std::vector<GpuModel> models = MakeModels();
  return models;
}

const GpuModel* FindGpuModel(std::string_view name) {
  const auto found = std::ranges::find(GpuModels(), name, &GpuModel::name);
  return found == GpuModels().end() ? nullptr : &*found;
}

int FindProfile(const GpuModel& model, std::string_view name) {
  const auto found = std::ranges::find(model.profiles, name, &Profile::name);
  return found == model.profiles.end() ? -1 : static_cast<int>(found - model.profiles.begin());
}

}  // namespace bulkhead::mig
