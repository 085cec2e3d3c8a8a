// SPDX-License-Identifier: Apache-2.0
// What every part of eight units has in common, from A100 to B200: the kinds of instance, where
// each may begin and how many there may be. Only names, memory and engines differ.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mig/profile.h"

namespace bulkhead::mig {

struct ProfileFigures {
  const char* name = "";
  uint64_t memory_mib = 0;
  int multiprocessors = 0;
  Engines engines;
  bool observed = true;
};

// In this order: 1g, 1g+me, 1g with double memory, 2g, 3g, 4g, 7g.
std::vector<Profile> EightUnitProfiles(const std::array<ProfileFigures, 7>& figures);

}  // namespace bulkhead::mig
