// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/sha256.h"
#include "device/tier.h"
#include "release/policy.h"

namespace bulkhead::release {

// What evidence proved, after it was checked (tpm_quote.h): which key signed, and what the
// registers held when it did.
struct Attested {
  base::Sha256Digest key{};
  PcrValues pcrs;
};

// What is true of the start that a data key is wanted for; the node finds it out itself.
struct Facts {
  std::string tenant;
  base::Sha256Digest worker{};  // of the program that is about to start
  device::Tier tier = device::Tier::kSoft;
  std::string node;
  std::optional<Attested> attested;
};

struct Decision {
  bool granted = false;
  std::string reason;  // one line for the audit log; of what was granted as well
};

// Whether a data key may be released. By docs/formats/key_release_policy.md, and nothing else: the
// same arguments give the same answer.
Decision Decide(const Policy& policy, const Facts& facts);

}  // namespace bulkhead::release
