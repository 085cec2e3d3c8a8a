// SPDX-License-Identifier: Apache-2.0
#include "node/run_node.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using isolation::Layer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RunNodeTest : public testing::Test {
 protected:
  // Told to stop before it begins.
  base::Status Run() {
    const base::UniqueFd stop(::eventfd(1, EFD_CLOEXEC));
    const compartment::WorkerProgram program;
    const Log log = [this](std::string_view line) { log_ += std::string(line) + '\n'; };
    const SealingParts sealing{keys_, "file", [](const KeyRelease&) { return base::Ok(); },
                               revoked_};
    return RunNode(folder_.path() / "socket", {{devices_}, compartments_, program, log, sealing},
                   options_, stop.get());
  }

  const TestFolder folder_;
  const TestFolder keys_folder_;
  FaultyKeys keys_{keys_folder_.path() + "/keyring"};
  RevokedTenants revoked_ = RevokedTenants::Open(keys_folder_.path() + "/revoked").value();
  FakeCompartments compartments_;
  FakeDevices devices_{1};
  SupervisorOptions options_;
  std::string log_;
};

TEST_F(RunNodeTest, ServesUntilItIsToldToStopAndLeavesNothing) {
  compartments_.layers = {{Layer::kLandlock, true, ""}};
  compartments_.swept = {"line-3"};
  const base::Status ran = Run();
  EXPECT_TRUE(ran.ok()) << ran.error().detail;
  EXPECT_THAT(log_, AllOf(HasSubstr("line-3: removed what an earlier node left of it"),
                          HasSubstr("serving " + folder_.path().string() + "/socket")));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(RunNodeTest, DoesNotStartWithoutALayerThatIsRequired) {
  compartments_.layers = {{Layer::kLandlock, false, "boot with lsm=landlock"},
                          {Layer::kCgroupPids, false, "mount it"},
                          {Layer::kSyscallFilter, true, ""}};
  options_.rules.optional_layers = {Layer::kCgroupPids};
  const base::Status ran = Run();
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().code, Code::kUnavailable);
  EXPECT_THAT(ran.error().detail,
              AllOf(HasSubstr("\n  landlock: boot with lsm=landlock"),
                    HasSubstr("--optional-layers"), Not(HasSubstr("mount it"))));
  EXPECT_THAT(log_, HasSubstr("optional by the policy in force:\n  cgroup-pids: mount it"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(RunNodeTest, StartsWithoutALayerThatIsOptional) {
  compartments_.layers = {{Layer::kLandlock, false, "boot with lsm=landlock"}};
  options_.rules.optional_layers = {Layer::kLandlock};
  EXPECT_TRUE(Run().ok());
}

TEST_F(RunNodeTest, SaysWhichLayersWorkersGet) {
  compartments_.layers = {{Layer::kLandlock, true, ""}, {Layer::kSyscallFilter, true, ""}};
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(log_, HasSubstr("layers of isolation that workers get: landlock, syscall-filter\n"));
}

TEST_F(RunNodeTest, StartsBelowItsPolicyWhenThatIsAllowedAndSaysSoLoudly) {
  compartments_.layers = {{Layer::kLandlock, false, "boot with lsm=landlock"},
                          {Layer::kCgroupPids, false, "mount it"}};
  options_.rules.optional_layers = {Layer::kCgroupPids};
  options_.allow_weak_isolation = true;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(log_, HasSubstr("WEAK ISOLATION, as --allow-weak-isolation says; missing below the "
                              "policy in force:\n  landlock: boot with lsm=landlock\n"));
}

TEST_F(RunNodeTest, KeepsQuietOfWeakIsolationWhereNothingIsMissing) {
  compartments_.layers = {{Layer::kLandlock, true, ""}};
  options_.allow_weak_isolation = true;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(log_, Not(HasSubstr("WEAK")));
}

}  // namespace
}  // namespace bulkhead::node
