// SPDX-License-Identifier: Apache-2.0
#include "fleet/replica_failure.h"

#include <string>

namespace bulkhead::fleet {

using base::Code;

base::Error LaunchFailure(const base::Error& refusal) {
  base::Error error{refusal.code, refusal.detail, "the model's worker could not be started"};
  if (refusal.code == Code::kExhausted) {
    error.public_message = "there is no free partition of this profile";
  }
  if (refusal.code == Code::kInvalid) error.public_message = "no partition has this profile";
  return error;
}

base::Error EndFailure(const node::Ended& ended) {
  if (ended.end) {
    return base::PublicError(Code::kUnavailable,
                             "the model's worker ended: " + isolation::Describe(*ended.end));
  }
  base::Error error{Code::kUnavailable, "its worker is gone",
                    "the model's worker could not be started"};
  if (ended.error) error.detail = ended.error->detail;
  return error;
}

base::Error TierFailure(device::Tier tier) {
  return base::PublicError(Code::kDenied,
                           "the tenant's policy does not allow a partition of tier " +
                               std::string(device::TierName(tier)));
}

base::Error SilentFailure() {
  return {Code::kUnavailable, "its worker was ready and did not say Hello in time",
          "the model's worker did not answer"};
}

base::Error LinkFailure(const base::Error& breach) {
  return {Code::kUnavailable, breach.detail, "the model's worker ended"};
}

}  // namespace bulkhead::fleet
