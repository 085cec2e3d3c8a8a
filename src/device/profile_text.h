// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "device/tier.h"

namespace bulkhead::device {

// The text of a profile of any backend as we write it: "cpu:2c4g", "gpu", "1g.5gb". Whether a
// machine has it, its backend says. kInvalid: none of these; the message says what they look like.
base::Result<std::string> ParseProfile(std::string_view text);

// What a partition of that profile separates by, where its device exists.
Tier TierOfProfile(std::string_view profile);

}  // namespace bulkhead::device
