// SPDX-License-Identifier: Apache-2.0
#include "device/profile_text.h"

#include "device/cpu_profile.h"
#include "device/gpu_choice.h"
#include "device/shared_profile.h"
#include "mig/profile_name.h"

namespace bulkhead::device {
namespace {

constexpr std::string_view kCores = "cpu:";

}  // namespace

base::Result<std::string> ParseProfile(std::string_view text) {
  if (text.starts_with(kCores)) {
    BH_ASSIGN(const CpuProfile profile, ParseCpuProfile(text));
    return FormatCpuProfile(profile);
  }
  if (IsSharedProfile(text)) {
    BH_ASSIGN(const SharedProfile profile, ParseSharedProfile(text));
    return FormatSharedProfile(profile);
  }
  if (text == kWholeGpu || mig::ParseProfileName(text).ok()) return std::string(text);
  return base::PublicError(base::Code::kInvalid,
                           "a profile is cores and memory as in cpu:2c4g, an instance of a GPU as "
                           "in 1g.5gb, gpu for a whole one, or a share of one as in shared:25p4g");
}

Tier TierOfProfile(std::string_view profile) {
  if (profile.starts_with(kCores)) return Tier::kCpu;
  if (IsSharedProfile(profile)) return Tier::kSoft;
  return profile == kWholeGpu ? Tier::kDedicated : Tier::kHard;
}

}  // namespace bulkhead::device
