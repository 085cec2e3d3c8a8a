// SPDX-License-Identifier: Apache-2.0
// Where instances can begin of which only the kinds are known.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "mig/layout.h"

namespace bulkhead::mig {

// A place for each of `profiles` (indices into model.profiles, in any order, repeated as often as
// wanted) beside `fixed`, which must be legal; nothing when there is none. Exact: it searches, the
// largest first, until it has found one or has tried all. The answer has one instance for each of
// `profiles`, ascending, without `fixed`; of several it is always the same one.
std::optional<std::vector<Instance>> Arrange(const GpuModel& model, std::span<const int> profiles,
                                             std::span<const Instance> fixed);

}  // namespace bulkhead::mig
