// SPDX-License-Identifier: Apache-2.0
#include "release/decide.h"

#include <gtest/gtest.h>

namespace bulkhead::release {
namespace {

base::Sha256Digest Digest(int fill) {
  base::Sha256Digest digest{};
  digest.fill(static_cast<std::byte>(fill));
  return digest;
}

class DecideTest : public testing::Test {
 protected:
  DecideTest() {
    policy_.tenant = "plant";
    policy_.workers = {{Digest(1), Digest(2)}};
    policy_.minimum_tier = device::Tier::kDedicated;
    policy_.nodes = {{"press-hall-1"}};
    policy_.attestation = Attestation{{Digest(3)}, {{0, Digest(4)}, {7, Digest(5)}}};
    facts_.tenant = "plant";
    facts_.worker = Digest(2);
    facts_.tier = device::Tier::kDedicated;
    facts_.node = "press-hall-1";
    facts_.attested = Attested{Digest(3), {{0, Digest(4)}, {7, Digest(5)}, {8, Digest(6)}}};
  }

  // Empty: granted.
  [[nodiscard]] std::string Reason() const {
    const Decision decision = Decide(policy_, facts_);
    EXPECT_FALSE(decision.reason.empty());
    return decision.granted ? "" : decision.reason;
  }
  void ExpectRefusal(const std::string& part) const {
    EXPECT_NE(Reason().find(part), std::string::npos) << Reason();
  }

  Policy policy_;
  Facts facts_;
};

TEST_F(DecideTest, GrantsWhatThePolicyAsksFor) { EXPECT_EQ(Reason(), ""); }

TEST_F(DecideTest, RefusesAnotherTenant) {
  facts_.tenant = "city";
  ExpectRefusal("another tenant");
}

TEST_F(DecideTest, RefusesAWorkerThatIsNotNamed) {
  facts_.worker = Digest(9);
  ExpectRefusal("0909");
  policy_.workers.reset();
  EXPECT_EQ(Reason(), "");
}

TEST_F(DecideTest, RefusesAWeakerTier) {
  facts_.tier = device::Tier::kHard;
  EXPECT_EQ(Reason(), "");
  facts_.tier = device::Tier::kCpu;
  ExpectRefusal("tier cpu, the policy asks for dedicated");
  facts_.tier = device::Tier::kSoft;
  ExpectRefusal("tier soft");
  policy_.minimum_tier = device::Tier::kSoft;
  EXPECT_EQ(Reason(), "");
  policy_.minimum_tier = device::Tier::kHard;
  facts_.tier = device::Tier::kDedicated;
  ExpectRefusal("hard at least");
}

TEST_F(DecideTest, RefusesANodeThatIsNotNamed) {
  facts_.node = "press-hall-2";
  ExpectRefusal("press-hall-2");
  policy_.nodes.reset();
  EXPECT_EQ(Reason(), "");
}

TEST_F(DecideTest, RefusesWithoutTheEvidenceThatIsAskedFor) {
  facts_.attested.reset();
  ExpectRefusal("no evidence");
  policy_.attestation.reset();
  EXPECT_EQ(Reason(), "");
}

TEST_F(DecideTest, RefusesEvidenceOfAnotherKey) {
  facts_.attested->key = Digest(9);
  ExpectRefusal("signed by sha256:0909");
}

TEST_F(DecideTest, RefusesRegistersThatHoldSomethingElseOrAreNotCovered) {
  facts_.attested->pcrs[7] = Digest(9);
  ExpectRefusal("register 7 holds 0909");
  facts_.attested->pcrs.erase(7);
  ExpectRefusal("does not cover register 7");
}

}  // namespace
}  // namespace bulkhead::release
