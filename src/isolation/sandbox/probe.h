// SPDX-License-Identifier: Apache-2.0
// Tries single layers, each in a process that ends where a program would begin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/sandbox/attempt.h"

namespace bulkhead::isolation {

// What the tried layers need besides themselves.
struct ProbeMeans {
  std::optional<uid_t> own_id;
  const lockdown::SyscallFilter* filter = nullptr;
  int landlock_abi = 0;
};

// Tries each of `layers` together with those it builds on, which are tried first. Not for cgroups.
std::vector<LayerState> ProbeLayers(const LayerSet& layers, const ProbeMeans& means);

// clone(2) makes all namespaces or none and does not say which one it could not: finds the first of
// them that fails alone. Another step's failure comes back unchanged.
StepFailure WithCulprit(StepFailure failure, const Preparation& preparation);

}  // namespace bulkhead::isolation
