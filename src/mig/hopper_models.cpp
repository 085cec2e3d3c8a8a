// SPDX-License-Identifier: Apache-2.0
#include "mig/eight_unit_part.h"
#include "mig/model_tables.h"

namespace bulkhead::mig {
namespace {

// Multiprocessors do not grow with slices here: three slices have nearly those of four, and one
// with double memory has 26 where one has 16.

GpuModel H100With80() {
  return {.name = "H100-80GB",
          .product = "NVIDIA H100 80GB HBM3",
          .word = "h100",
          .pci_ids = {0x233010DE, 0x233110DE, 0x232210DE, 0x232410DE},
          .observed = true,
          .units = 8,
          .memory_mib = 81559,
          .multiprocessors = 132,
          .profiles = EightUnitProfiles({{{"1g.10gb", 9984, 16, {1, 1, 0, 1, 0}},
                                          {"1g.10gb+me", 9984, 16, {1, 1, 0, 1, 1}},
                                          {"1g.20gb", 20096, 26, {1, 1, 0, 1, 0}},
                                          {"2g.20gb", 20096, 32, {2, 2, 0, 2, 0}},
                                          {"3g.40gb", 40448, 60, {3, 3, 0, 3, 0}},
                                          {"4g.40gb", 40448, 64, {4, 4, 0, 4, 0}},
                                          {"7g.80gb", 81152, 132, {8, 7, 0, 7, 1}}}}),
          .engines = {8, 7, 0, 7, 1}};
}

GpuModel H100With94() {
  return {.name = "H100-94GB",
          .product = "NVIDIA H100 NVL",
          .word = "h100-94",
          .pci_ids = {0x232110DE, 0x233A10DE},
          .observed = true,
          .units = 8,
          .memory_mib = 95830,
          .multiprocessors = 132,
          .profiles = EightUnitProfiles({{{"1g.12gb", 10880, 16, {1, 1, 0, 1, 0}},
                                          {"1g.12gb+me", 10880, 16, {1, 1, 0, 1, 1}},
                                          {"1g.24gb", 22016, 26, {1, 1, 0, 1, 0}},
                                          {"2g.24gb", 22016, 32, {2, 2, 0, 2, 0}},
                                          {"3g.47gb", 47232, 60, {3, 3, 0, 3, 0}},
                                          {"4g.47gb", 47232, 64, {4, 4, 0, 4, 0}},
                                          {"7g.94gb", 94848, 132, {8, 7, 0, 7, 1}}}}),
          .engines = {8, 7, 0, 7, 1}};
}

// Seen are 1g, 2g and 7g. The memory of 1g.35gb is 2g's, as on every other part; that of 3g and 4g
// is twice 2g's, which other parts surpass; multiprocessors are H100's, the same chip.
GpuModel H200() {
  return {.name = "H200",
          .product = "NVIDIA H200",
          .word = "h200",
          .pci_ids = {0x233510DE, 0x233B10DE},
          .observed = false,
          .units = 8,
          .memory_mib = 143771,
          .multiprocessors = 132,
          .profiles = EightUnitProfiles({{{"1g.18gb", 16384, 16, {1, 1, 0, 1, 0}},
                                          {"1g.18gb+me", 16384, 16, {1, 1, 0, 1, 1}},
                                          {"1g.35gb", 33280, 26, {1, 1, 0, 1, 0}, false},
                                          {"2g.35gb", 33280, 32, {2, 2, 0, 2, 0}},
                                          {"3g.71gb", 66560, 60, {3, 3, 0, 3, 0}, false},
                                          {"4g.71gb", 66560, 64, {4, 4, 0, 4, 0}, false},
                                          {"7g.141gb", 143360, 132, {8, 7, 0, 7, 1}}}}),
          .engines = {8, 7, 0, 7, 1}};
}

}  // namespace

std::vector<GpuModel> HopperModels() { return {H100With80(), H100With94(), H200()}; }

}  // namespace bulkhead::mig
