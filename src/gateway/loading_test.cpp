// SPDX-License-Identifier: Apache-2.0
#include "gateway/loading.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "fleet/test_fleet.h"

namespace bulkhead::gateway {
namespace {

class Loading : public fleet::FleetTest {
 protected:
  fleet::Outcome<base::Status> Wait(std::chrono::milliseconds patience) {
    auto settled =
        fleet::Start(io_, WaitUntilSettled(*fleet_, io_, {"tenant-a"}, {"plates"}, patience));
    fleet::RunReady(io_);
    return settled;
  }

  void Unload() {
    fleet::DesiredDeployment unloaded = ADeployment();
    unloaded.loaded = false;
    Set({unloaded});
  }
};

TEST_F(Loading, IsOverWhenAWorkerServes) {
  OpenWithNode();
  Set({ADeployment()});
  const auto settled = Wait(std::chrono::minutes(1));
  EXPECT_FALSE(*settled);
  BecomeReady(NextLaunch());
  fleet::RunUntil(io_, [&] { return settled->has_value(); });
  EXPECT_TRUE((*settled)->ok());
}

TEST_F(Loading, UnloadsUntilNoWorkerHoldsAPartition) {
  OpenWithNode();
  const std::string name = Serving();
  Unload();
  const auto settled = Wait(std::chrono::minutes(1));
  EXPECT_EQ(NextOrder(), "drain " + name);
  EXPECT_FALSE(*settled);
  End(name, node::Phase::kEnded, isolation::EndReason::kFinished);
  fleet::RunUntil(io_, [&] { return settled->has_value(); });
  EXPECT_TRUE((*settled)->ok());
}

TEST_F(Loading, SaysWhenItTakesLongerThanAnybodyWaits) {
  OpenWithNode();
  Serving();
  Unload();
  const auto settled = Wait(std::chrono::milliseconds(0));
  ASSERT_TRUE(*settled);
  EXPECT_EQ((*settled)->error().code, base::Code::kDeadline);
}

}  // namespace
}  // namespace bulkhead::gateway
