// SPDX-License-Identifier: Apache-2.0
// A share of a GPU beside others of the same tenant: the tier soft. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/gpu.h"

namespace bulkhead::device {

// "shared:25p4g": at most 25 % of the GPU's multiprocessors, and 4 GiB of its memory.
struct SharedProfile {
  int percent = 0;     // 1 to 100
  int memory_gib = 0;  // 1 to 4096
  friend bool operator==(const SharedProfile&, const SharedProfile&) = default;
};

bool IsSharedProfile(std::string_view profile);
// kInvalid: not as FormatSharedProfile writes it.
base::Result<SharedProfile> ParseSharedProfile(std::string_view text);
std::string FormatSharedProfile(const SharedProfile& profile);

// Whether such a share may be on that GPU beside shares of these tenants, one entry for each.
//
// kDenied: another tenant has one there: shares end together when one of them faults, and none has
// bandwidth or cache of its own. kUnsupported: the GPU is cut (an instance is a better share), its
// memory has no ECC, or nobody says so (bits of another process's weights can be flipped by access
// alone, USENIX Security 2025, "GPUHammer"). kExhausted: more is asked for than the GPU has left
// beside `taken`.
base::Status CheckShare(const SharedProfile& profile, const Gpu& gpu, std::string_view tenant,
                        const std::vector<std::string>& tenants,
                        const std::vector<SharedProfile>& taken);

// What CUDA's Multi-Process Service holds a client of that GPU to (CUDA MPS guide, "Environment
// Variables"). Memory is limited per process: a worker is one.
std::vector<std::string> ShareEnvironment(const SharedProfile& profile, const Gpu& gpu);

}  // namespace bulkhead::device
