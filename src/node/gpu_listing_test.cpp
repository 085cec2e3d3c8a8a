// SPDX-License-Identifier: Apache-2.0
// A node's GPUs as a client sees and changes them.
#include "node/gpu_listing.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/inventory_file.h"
#include "device/simulated_backend.h"
#include "node/node_protocol.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using testing::HasSubstr;
using testing::IsEmpty;

GpuListing AListing() {
  ListedGpu gpu;
  gpu.inventory = "{}";
  gpu.fenced = "XID 79";
  gpu.instances = {{true, "gpu0-gi1", "line-3"}, {true, "gpu0-gi2", ""}, {false, "", ""}};
  return {9, true, {gpu, gpu}};
}

TEST(GpuListing, IsReadAsItWasWritten) {
  const auto packet = EncodeReply(AListing()).value();
  const Reply reply = DecodeReply(packet, 0).value();
  EXPECT_EQ(std::get<GpuListing>(reply).gpus, AListing().gpus);
  EXPECT_TRUE(std::get<GpuListing>(reply).more);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(DecodeReply(std::span(packet).first(size), 0).ok()) << size;
  }
}

TEST(GpuListing, HasNoOwnerWithoutAPartitionOfOurs) {
  for (const GpuOwner& owner :
       {GpuOwner{false, "gpu0", ""}, GpuOwner{true, "", "a"}, GpuOwner{true, "p", "No Name"}}) {
    GpuListing listing = AListing();
    listing.gpus[0].instances = {owner};
    EXPECT_FALSE(EncodeReply(listing).ok());
  }
  EXPECT_FALSE(EncodeReply(GpuListing{1, true, {}}).ok());
}

TEST(ChangeInstance, IsReadAsItWasWritten) {
  using Change = ChangeInstance::Change;
  for (const Change change : {Change::kMake, Change::kRemove}) {
    const auto packet = EncodeRequest(ChangeInstance{3, change, "GPU-0", "3g.20gb", 4}).value();
    const Request request = DecodeRequest(packet, 0).value();
    const auto& read = std::get<ChangeInstance>(request);
    EXPECT_EQ(read.change, change);
    EXPECT_EQ(read.device_id, "GPU-0");
    EXPECT_EQ(read.profile, "3g.20gb");
    EXPECT_EQ(read.start, 4);
  }
  EXPECT_FALSE(EncodeRequest(ChangeInstance{3, Change::kMake, "GPU-0", "3g.20gb", -1}).ok());
  EXPECT_FALSE(EncodeRequest(ChangeInstance{3, Change::kMake, "", "3g.20gb", 0}).ok());
}

class NodeWithGpus : public NodeOnThread {
 protected:
  void Have(const std::string& gpus) {
    gpus_ = device::OpenSimulatedBackend(gpus).value();
    Begin();
  }
  static node::Launch OnGpu(const std::string& name) {
    node::Launch launch = ALaunch(name);
    launch.profile = "3g.20gb";
    launch.cores = "cpu:1c1g";
    return launch;
  }
  static ChangeInstance Make(const ListedGpu& gpu, const std::string& profile, int start) {
    return {0, ChangeInstance::Change::kMake, Parsed(gpu).uuid, profile, start};
  }
  static device::Gpu Parsed(const ListedGpu& gpu) {
    return device::ParseInventory(gpu.inventory).value().at(0);
  }
};

TEST_F(NodeWithGpus, SaysWhichWorkerHasWhichInstance) {
  Have("a100x2");
  Client client = Connected();
  ASSERT_TRUE(LaunchAs(client, OnGpu("line-3")).ok());
  const auto gpus = client.ListGpus(kTestPatience).value();
  ASSERT_EQ(gpus.size(), 2U);
  int held = 0;
  for (const ListedGpu& gpu : gpus) {
    for (const GpuOwner& owner : gpu.instances) {
      ++held;
      EXPECT_TRUE(owner.ours);
      EXPECT_EQ(owner.worker, "line-3");
    }
  }
  EXPECT_EQ(held, 1);
}

TEST_F(NodeWithGpus, ListsMoreThanOnePacketHolds) {
  Have("a100x30");
  EXPECT_EQ(Connected().ListGpus(kTestPatience).value().size(), 30U);
}

TEST_F(NodeWithGpus, MakesAndRemovesInstancesThatNobodyHas) {
  Have("a100x1");
  Client client = Connected();
  ChangeInstance change = Make(client.ListGpus(kTestPatience).value().at(0), "3g.20gb", 4);
  ASSERT_TRUE(client.Change(change, kTestPatience).ok());
  const ListedGpu made = client.ListGpus(kTestPatience).value().at(0);
  ASSERT_EQ(made.instances.size(), 1U);
  EXPECT_EQ(made.instances[0], (GpuOwner{true, "", ""}));
  EXPECT_EQ(client.Change(change, kTestPatience).error().code, Code::kExhausted);
  // A worker takes it, and then it is not to be given up.
  ASSERT_TRUE(LaunchAs(client, OnGpu("line-3")).ok());
  EXPECT_EQ(Parsed(client.ListGpus(kTestPatience).value().at(0)).instances.size(), 1U);
  change.change = ChangeInstance::Change::kRemove;
  EXPECT_EQ(client.Change(change, kTestPatience).error().code, Code::kConflict);
  EXPECT_THAT(Logged(), HasSubstr("remove 3g.20gb at 4"));
}

TEST_F(NodeWithGpus, WithoutAnyHasNothingToListOrChange) {
  Begin();
  Client client = Connected();
  EXPECT_THAT(client.ListGpus(kTestPatience).value(), IsEmpty());
  const ChangeInstance change{0, ChangeInstance::Change::kMake, "GPU-0", "1g.5gb", 0};
  EXPECT_EQ(client.Change(change, kTestPatience).error().code, Code::kUnsupported);
  EXPECT_TRUE(client.usable());
}

}  // namespace
}  // namespace bulkhead::node
