// SPDX-License-Identifier: Apache-2.0
#include "mig/eight_unit_part.h"
#include "mig/model_tables.h"

namespace bulkhead::mig {
namespace {

GpuModel A100With40() {
  return {.name = "A100-40GB",
          .product = "NVIDIA A100-SXM4-40GB",
          .word = "a100",
          .pci_ids = {0x20B010DE, 0x20B110DE, 0x20F110DE, 0x20F610DE},
          .observed = true,
          .units = 8,
          .memory_mib = 40960,
          .multiprocessors = 108,
          .profiles = EightUnitProfiles({{{"1g.5gb", 4864, 14, {1, 0, 0, 0, 0}},
                                          {"1g.5gb+me", 4864, 14, {1, 1, 0, 1, 1}},
                                          {"1g.10gb", 9856, 14, {1, 1, 0, 0, 0}},
                                          {"2g.10gb", 9856, 28, {2, 1, 0, 0, 0}},
                                          {"3g.20gb", 19968, 42, {3, 2, 0, 0, 0}},
                                          {"4g.20gb", 19968, 56, {4, 2, 0, 0, 0}},
                                          {"7g.40gb", 40192, 98, {7, 5, 0, 1, 1}}}}),
          .engines = {7, 5, 0, 1, 1}};
}

GpuModel A100With80() {
  return {.name = "A100-80GB",
          .product = "NVIDIA A100-SXM4-80GB",
          .word = "a100-80",
          .pci_ids = {0x20B210DE, 0x20B510DE, 0x20F310DE, 0x20F510DE},
          .observed = true,
          .units = 8,
          .memory_mib = 81920,
          .multiprocessors = 108,
          .profiles = EightUnitProfiles({{{"1g.10gb", 9728, 14, {1, 0, 0, 0, 0}},
                                          {"1g.10gb+me", 9728, 14, {1, 1, 0, 1, 1}},
                                          {"1g.20gb", 19968, 14, {1, 1, 0, 0, 0}},
                                          {"2g.20gb", 19968, 28, {2, 1, 0, 0, 0}},
                                          {"3g.40gb", 40192, 42, {3, 2, 0, 0, 0}},
                                          {"4g.40gb", 40192, 56, {4, 2, 0, 0, 0}},
                                          {"7g.80gb", 80896, 98, {7, 5, 0, 1, 1}}}}),
          .engines = {7, 5, 0, 1, 1}};
}

Profile A30Profile(const char* name, int id, int units, std::vector<int> starts, Media media,
                   uint64_t memory_mib, Engines engines) {
  // As many slices as units, 14 multiprocessors each.
  return {.name = name,
          .id = id,
          .slices = units,
          .units = units,
          .starts = starts,
          .count_max = media == Media::kAdded ? 1 : static_cast<int>(starts.size()),
          .media = media,
          .memory_mib = memory_mib,
          .multiprocessors = 14 * units,
          .engines = engines};
}

// Its NVML reports counts of some profiles wrongly, which mig-parted corrects by such a table.
GpuModel A30() {
  return {
      .name = "A30",
      .product = "NVIDIA A30",
      .word = "a30",
      .pci_ids = {0x20B710DE},
      .observed = true,
      .units = 4,
      .memory_mib = 24576,
      .multiprocessors = 56,
      .profiles = {A30Profile("1g.6gb", 14, 1, {0, 1, 2, 3}, Media::kUsual, 5952, {1, 1, 0, 0, 0}),
                   A30Profile("1g.6gb+me", 21, 1, {0, 1, 2, 3}, Media::kAdded, 5952,
                              {1, 1, 0, 1, 1}),
                   A30Profile("2g.12gb", 5, 2, {0, 2}, Media::kUsual, 11968, {2, 2, 0, 0, 0}),
                   A30Profile("2g.12gb+me", 6, 2, {0, 2}, Media::kAdded, 11968, {2, 2, 0, 1, 1}),
                   A30Profile("4g.24gb", 0, 4, {0}, Media::kUsual, 24000, {4, 4, 0, 1, 1})},
      .engines = {4, 4, 0, 1, 1}};
}

}  // namespace

std::vector<GpuModel> AmpereModels() { return {A100With40(), A100With80(), A30()}; }

}  // namespace bulkhead::mig
