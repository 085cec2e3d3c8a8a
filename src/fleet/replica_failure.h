// SPDX-License-Identifier: Apache-2.0
// Why a replica has no worker, for its tenant and for the operator.
#pragma once

#include "base/result.h"
#include "device/tier.h"
#include "node/messages.h"

namespace bulkhead::fleet {

base::Error LaunchFailure(const base::Error& refusal);  // the node's
base::Error EndFailure(const node::Ended& ended);
base::Error TierFailure(device::Tier tier);
base::Error SilentFailure();  // it was ready and said no Hello
base::Error LinkFailure(const base::Error& breach);

}  // namespace bulkhead::fleet
