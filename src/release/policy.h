// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/sha256.h"
#include "device/tier.h"

namespace bulkhead::release {

// The values of a TPM's registers in its bank of SHA-256, by their number from 0 to 23.
using PcrValues = std::map<uint32_t, base::Sha256Digest>;

struct Attestation {
  std::set<base::Sha256Digest> keys;  // digests in the Names of keys that may sign
  PcrValues pcrs;                     // what these must hold
};

// To whom a tenant's data keys may be released (docs/formats/key_release_policy.md). Of the lists,
// nothing means any.
struct Policy {
  std::string tenant;
  std::optional<std::set<base::Sha256Digest>> workers;
  device::Tier minimum_tier = device::Tier::kHard;
  std::optional<std::set<std::string>> nodes;
  std::optional<Attestation> attestation;
};

}  // namespace bulkhead::release
