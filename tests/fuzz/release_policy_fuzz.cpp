// SPDX-License-Identifier: Apache-2.0
// A key-release policy as a tenant may hand it in.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "release/decide.h"
#include "release/policy_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  namespace release = bulkhead::release;
  const auto policy = release::ParsePolicy(std::as_bytes(std::span(data, size)));
  if (!policy.ok()) {
    BH_CHECK(policy.error().detail.find('\n') == std::string::npos);
    return 0;
  }
  release::Facts facts;
  facts.tenant = policy.value().tenant;
  const auto decision = release::Decide(policy.value(), facts);
  if (policy.value().attestation) BH_CHECK(!decision.granted);
  return 0;
}
