// SPDX-License-Identifier: Apache-2.0
// `bulkhead gpu apply`: shows what a plan would change, and changes it when that is confirmed.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/gpu_inventory.h"
#include "cli/gpu_plan.h"

namespace bulkhead::cli {

struct ApplyArguments {
  GpuArguments gpu;
  std::string file;          // of mig-parted, or of a plan; empty: `wishes` say what is wanted
  std::string config;        // which of the file's configurations
  std::vector<Wish> wishes;  // sized
  std::string admin;         // the gateway's socket, which knows whose workers are
  std::string state;         // GpuWhere::state
  bool confirmed = false;
};

// The exit status. Stops at the first change that fails: what was changed until then is as it was
// shown, and the same command goes on from there.
int RunGpuApply(const ApplyArguments& arguments, const OpenGpus& open, const Console& console);

}  // namespace bulkhead::cli
