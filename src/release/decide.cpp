// SPDX-License-Identifier: Apache-2.0
#include "release/decide.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/hex.h"

namespace bulkhead::release {
namespace {

Decision Refuse(std::string reason) { return {false, std::move(reason)}; }

std::string Named(const base::Sha256Digest& digest) { return "sha256:" + base::Hex(digest); }

// The strongest is 0. Own cores are no GPU of one's own.
int Weakness(device::Tier tier) {
  switch (tier) {
    case device::Tier::kHard:
      return 0;
    case device::Tier::kDedicated:
      return 1;
    case device::Tier::kCpu:
      return 2;
    case device::Tier::kSoft:
      return 3;
  }
  return 4;
}

std::string Tier(device::Tier tier) { return std::string(device::TierName(tier)); }

// Empty: all is as asked for.
std::string Unproven(const Attestation& wanted, const Attested& attested) {
  if (!wanted.keys.contains(attested.key)) {
    return "the evidence is signed by " + Named(attested.key) + ", which the policy does not name";
  }
  for (const auto& [number, value] : wanted.pcrs) {
    const auto found = attested.pcrs.find(number);
    if (found == attested.pcrs.end()) {
      return "the evidence does not cover register " + std::to_string(number);
    }
    if (found->second != value) {
      return "register " + std::to_string(number) + " holds " + base::Hex(found->second) +
             ", not what the policy asks for";
    }
  }
  return "";
}

}  // namespace

Decision Decide(const Policy& policy, const Facts& facts) {
  if (policy.tenant != facts.tenant) return Refuse("the policy is another tenant's");
  if (policy.workers && !policy.workers->contains(facts.worker)) {
    return Refuse("the worker program " + Named(facts.worker) +
                  " is not one that the policy names");
  }
  if (Weakness(facts.tier) > Weakness(policy.minimum_tier)) {
    return Refuse("the compartment is of tier " + Tier(facts.tier) + ", the policy asks for " +
                  Tier(policy.minimum_tier) + " at least");
  }
  if (policy.nodes && !policy.nodes->contains(facts.node)) {
    return Refuse("the node " + facts.node + " is not one that the policy names");
  }
  if (!policy.attestation) return {true, "the policy allows it, and asks for no attestation"};
  if (!facts.attested) {
    return Refuse("the policy asks for attestation, and there is no evidence");
  }
  std::string unproven = Unproven(*policy.attestation, *facts.attested);
  if (!unproven.empty()) return Refuse(std::move(unproven));
  return {true, "the policy allows it, attested by " + Named(facts.attested->key)};
}

}  // namespace bulkhead::release
