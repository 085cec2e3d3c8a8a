// SPDX-License-Identifier: Apache-2.0
// The GPUs that are known without hardware, for planning, simulation and tests. A running node
// believes its driver instead: memory differs by a few per cent between drivers and variants.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mig/profile.h"

namespace bulkhead::mig {

struct GpuModel {
  std::string name;     // "A100-40GB"
  std::string product;  // as the driver names one: "NVIDIA A100-SXM4-40GB"
  std::string word;     // on command lines: "a100"
  // Packed device << 16 | vendor, as the driver and mig-parted have it; the first is `product`'s.
  std::vector<uint32_t> pci_ids;
  // False where a number below was derived and not seen on a device; each profile says it of its
  // own.
  bool observed = true;
  int units = 0;  // 0: no MIG
  // Of the whole GPU while it is not divided; without MIG the least that a process was seen to get.
  uint64_t memory_mib = 0;
  int multiprocessors = 0;
  std::vector<Profile> profiles;  // by units, then slices, then name; empty without MIG
  Engines engines;                // of the whole GPU

  [[nodiscard]] bool mig() const { return units > 0; }
};

// In a fixed order: with MIG first, oldest first.
std::span<const GpuModel> GpuModels();

// By `name` or `word`, in any case of letters; nullptr when there is none such.
const GpuModel* FindGpuModel(std::string_view name);

// The index of the profile of that name, or -1. A name that differs only in its gigabytes by one is
// taken for the same (some drivers say 7g.79gb where others say 7g.80gb), unless that is ambiguous.
int FindProfile(const GpuModel& model, std::string_view name);

}  // namespace bulkhead::mig
