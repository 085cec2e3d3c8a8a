// SPDX-License-Identifier: Apache-2.0
// From what was kept of a deployment to what is advised.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "advice/advise.h"
#include "advice/use_history.h"

namespace bulkhead::advice {

// An hour on one device, or with an empty one, what is of all its devices together.
struct UsePart {
  HourOfUse use;
  std::string profile;  // that the deployment had then
  std::string device;
  std::string gpu_model;  // as the driver names it
};

struct UseReport {
  std::string gpu;                   // GpuModel::name; empty: none, or unknown
  std::vector<std::string> devices;  // of the last hour that names any, ascending
  Evidence evidence;
  Advice advice;
};

// Of the hours in which it had `profile`, which is the present one: a share of another slice says
// nothing of this one. Where its replicas are on several kinds of GPU, those of the kind that was
// read last.
UseReport ReportUse(const std::string& profile, std::span<const UsePart> parts,
                    const AdviceRules& rules = {});

// The hours in which the profile changed, ascending.
std::vector<int64_t> MovesIn(std::span<const UsePart> parts);

}  // namespace bulkhead::advice
