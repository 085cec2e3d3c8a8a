// SPDX-License-Identifier: Apache-2.0
#include "node/gpu_placement.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/simulated_backend.h"

namespace bulkhead::node {
namespace {

using base::Code;
using testing::HasSubstr;

class GpuPlacementTest : public testing::Test {
 protected:
  void Have(const std::string& gpus) { backend_ = device::OpenSimulatedBackend(gpus).value(); }

  base::Result<device::PartitionRequest> Place(const std::string& profile) {
    return placement_.Place(backend_->List().value(), {.profile = profile});
  }

  // On the GPU of that index, where the planner wants it.
  device::Partition Hold(const std::string& profile, std::size_t gpu) {
    return backend_->Acquire({.profile = profile, .device_id = Id(gpu)}).value();
  }

  std::string Id(std::size_t gpu) { return backend_->List().value()[gpu].id; }

  std::unique_ptr<device::DeviceBackend> backend_;
  GpuPlacement placement_;
};

TEST_F(GpuPlacementTest, PutsASmallOneBesideOthersAndKeepsAGpuWhole) {
  Have("a100x2");
  Hold("3g.20gb", 1);
  const auto placed = Place("1g.5gb");
  ASSERT_TRUE(placed.ok()) << placed.error().detail;
  EXPECT_EQ(placed.value().device_id, Id(1));
  EXPECT_TRUE(placed.value().start.has_value());
  const auto taken = backend_->Acquire(placed.value());
  ASSERT_TRUE(taken.ok()) << taken.error().detail;
  EXPECT_EQ(taken.value().start, placed.value().start);
}

TEST_F(GpuPlacementTest, TakesAnInstanceThatWasMadeBeforehand) {
  Have("a100x2");
  Hold("3g.20gb", 0);
  ASSERT_TRUE(backend_->MakeIdle({"1g.5gb", Id(1), 3}).ok());
  const auto placed = Place("1g.5gb").value();
  EXPECT_EQ(placed.device_id, Id(1));
  EXPECT_EQ(placed.start, 3);
  EXPECT_EQ(Place("2g.10gb").value().device_id, Id(0));
}

TEST_F(GpuPlacementTest, SaysWhatIsMissingWhereThereIsNoRoom) {
  Have("a100x1");
  Hold("4g.20gb", 0);
  Hold("3g.20gb", 0);
  const auto placed = Place("1g.5gb");
  ASSERT_FALSE(placed.ok());
  EXPECT_EQ(placed.error().code, Code::kExhausted);
  EXPECT_THAT(placed.error().detail, HasSubstr("no room for 1g.5gb: A100-40GB: "));
}

TEST_F(GpuPlacementTest, LeavesAPlaceThatWasChosenAlone) {
  Have("a100x2");
  const auto placed = placement_.Place(backend_->List().value(),
                                       {.profile = "1g.5gb", .device_id = Id(0), .start = 5});
  EXPECT_EQ(placed.value().device_id, Id(0));
  EXPECT_EQ(placed.value().start, 5);
}

TEST_F(GpuPlacementTest, PassesOverAFencedGpu) {
  Have("a100x2");
  auto devices = backend_->List().value();
  devices[0].gpu->fenced = "XID 79";
  EXPECT_EQ(placement_.Place(devices, {.profile = "7g.40gb"}).value().device_id, Id(1));
  devices[1].gpu->fenced = "XID 79";
  EXPECT_FALSE(placement_.Place(devices, {.profile = "7g.40gb"}).ok());
}

TEST_F(GpuPlacementTest, TakesEachGpuByTheProfilesThatItsOwnDriverReports) {
  Have("a100x2");
  auto devices = backend_->List().value();
  devices[0].gpu->fenced = "XID 79";
  std::erase_if(devices[1].gpu->gpu.model.profiles,
                [](const mig::Profile& one) { return one.name == "1g.5gb"; });
  EXPECT_FALSE(placement_.Place(devices, {.profile = "1g.5gb"}).ok());
  EXPECT_EQ(placement_.Place(devices, {.profile = "3g.20gb"}).value().device_id, Id(1));
}

TEST_F(GpuPlacementTest, CountsAnInstanceOfOursThatNobodyHoldsAsRoom) {
  Have("a100x1");
  Hold("7g.40gb", 0);
  auto devices = backend_->List().value();
  ASSERT_FALSE(placement_.Place(devices, {.profile = "3g.20gb"}).ok());
  devices[0].gpu->holders[0].partition_id.clear();
  EXPECT_TRUE(placement_.Place(devices, {.profile = "3g.20gb"}).ok());
  devices[0].gpu->holders[0].ours = false;
  EXPECT_FALSE(placement_.Place(devices, {.profile = "3g.20gb"}).ok());
}

TEST_F(GpuPlacementTest, TakesAWholeGpuThatIsFree) {
  Have("t4x2");
  Hold("gpu", 0);
  const auto placed = Place("gpu");
  ASSERT_TRUE(placed.ok()) << placed.error().detail;
  EXPECT_EQ(placed.value().device_id, Id(1));
  EXPECT_FALSE(placed.value().start);
  Hold("gpu", 1);
  EXPECT_FALSE(Place("gpu").ok());
}

TEST_F(GpuPlacementTest, LeavesAProfileThatNoGpuHasToTheBackend) {
  Have("t4x1");
  const auto placed = Place("9g.90gb");
  ASSERT_TRUE(placed.ok());
  EXPECT_FALSE(placed.value().device_id);
}

}  // namespace
}  // namespace bulkhead::node
