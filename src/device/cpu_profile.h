// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::device {

// The size of a partition on a machine without a GPU: "cpu:2c4g" is two whole physical cores and
// 4 GiB of host memory, "cpu:1c512m" one core and 512 MiB.
struct CpuProfile {
  int cores = 0;             // physical cores, each with all of its hardware threads
  int64_t memory_bytes = 0;  // a whole number of MiB
  friend bool operator==(const CpuProfile&, const CpuProfile&) = default;
};

// Far above any machine: they keep sums of profiles from overflowing.
constexpr int kProfileCoresMax = 4096;
constexpr int64_t kProfileMemoryBytesMax = int64_t{1} << 46;  // 64 TiB

// "cpu:" CORES "c" MEMORY ("m" | "g"), lower case, decimal without sign or leading zero, units in
// MiB and GiB, both at least 1. kInvalid: anything else; the message says what a profile looks
// like.
base::Result<CpuProfile> ParseCpuProfile(std::string_view text);

// The one way in which a profile is written by us: in g where that is a whole number.
std::string FormatCpuProfile(const CpuProfile& profile);

}  // namespace bulkhead::device
