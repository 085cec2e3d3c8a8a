// SPDX-License-Identifier: Apache-2.0
#include "gateway/auto_profile.h"

#include <fmt/format.h>

#include "planner/cpu_sizing.h"
#include "planner/sizing.h"

namespace bulkhead::gateway {

std::string AutoProfile(const tenant::ModelVersion& version,
                        const std::vector<std::string>& gpu_models) {
  planner::SizingInput input;
  input.parameters = version.bytes / 4;  // as SizeForCpu reckons
  input.weights_bytes = version.bytes;
  for (const std::string& model : gpu_models) {
    for (const planner::Recommendation& one : planner::RecommendProfiles(input)) {
      if (one.gpu == model && !one.profile.empty()) return one.profile;
    }
  }
  const planner::CpuSize size = planner::SizeForCpu(version.bytes);
  return fmt::format("cpu:{}c{}g", size.cores, size.memory_gib);
}

}  // namespace bulkhead::gateway
