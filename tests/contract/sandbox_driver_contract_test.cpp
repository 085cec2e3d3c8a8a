// SPDX-License-Identifier: Apache-2.0
// What the sandbox driver promises beyond what every driver does.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compartment_trial.h"
#include "isolation/sandbox_driver.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::ElementsAre;

class SandboxDriverContract : public CompartmentTrial {};

TEST_P(SandboxDriverContract, HasARootWithItsFilesAndDevicesAndNothingElse) {
  LaunchSpec spec = Spec({"hold"});
  spec.files = {{BULKHEAD_COMPARTMENT_PROGRAM, "/bin/program"}, {"/etc/passwd", "/a/b/c"}};
  spec.program = "/bin/program";
  spec.devices = {"/dev/null"};
  auto held = StartHeld(spec, *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const fs::path root = fmt::format("/proc/{}/root/", held.value().compartment.pid);
  std::set<std::string> seen;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    seen.insert(entry.path().lexically_relative(root));
  }
  EXPECT_THAT(seen, ElementsAre("a", "a/b", "a/b/c", "bin", "bin/program", "dev", "dev/null"));
  const std::string mounts = Proc(held.value().compartment.pid, "mountinfo");
  EXPECT_EQ(std::count(mounts.begin(), mounts.end(), '\n'), 4);
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(SandboxDriverContract, IsProcessOneOfNamespacesThatNobodyElseIsIn) {
  if (!Works(Layer::kUserNamespace)) GTEST_SKIP() << ProbeMachine(GetParam()).missing;
  const auto run = RunToEnd({"identity"});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_THAT(run.value().lines, ElementsAre("65532", "65532", "1", "compartment"));
  auto held = StartHeld(Spec({"hold"}), *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  for (const std::string kind : {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"}) {
    const std::string path = "/ns/" + kind;
    EXPECT_NE(fs::read_symlink(fmt::format("/proc/{}{}", held.value().compartment.pid, path)),
              fs::read_symlink("/proc/self" + path))
        << kind;
  }
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(SandboxDriverContract, IsAUserThatNoOtherCompartmentIs) {
  if (!Works(Layer::kOwnUser)) GTEST_SKIP() << "this driver or user gives no user of its own";
  LaunchSpec spec = Spec({"hold"});
  auto one = StartHeld(spec, *driver_);
  spec.name = "other";
  auto other = StartHeld(spec, *driver_);
  // A second supervisor, of another owner, at the same time.
  const auto neighbour = GetParam().open({});
  spec.name = "third";
  auto third = StartHeld(spec, *neighbour);
  ASSERT_TRUE(one.ok() && other.ok() && third.ok());
  std::set<std::string> users;
  for (const auto* held : {&one, &other, &third}) {
    const pid_t pid = held->value().compartment.pid;
    users.insert(Status(pid, "Uid"));
    EXPECT_EQ(Status(pid, "Uid"), Status(pid, "Gid"));
    EXPECT_THAT(Status(pid, "Groups"), AnyOf("", " "));
  }
  EXPECT_EQ(users.size(), 3U);
  EXPECT_TRUE(driver_->Destroy(std::move(one.value().compartment), Cause::kKilled).ok());
  EXPECT_TRUE(driver_->Destroy(std::move(other.value().compartment), Cause::kKilled).ok());
  EXPECT_TRUE(neighbour->Destroy(std::move(third.value().compartment), Cause::kKilled).ok());
}

TEST_P(SandboxDriverContract, TakesFilesFromAFolderThatOnlyItsOwnerMayEnter) {
  const TrialFolder folder;
  const std::string file = folder.Write("model", "text", 0644);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(folder.path().c_str(), 1234, 1234), 0);
  }
  fs::permissions(folder.path(), fs::perms::owner_all);
  LaunchSpec spec = Spec({"open", "/model"});
  spec.files.push_back({file, "/model"});
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_EQ(run.value().lines[0], "0");
}

TEST_P(SandboxDriverContract, FollowsASymbolicLinkToASource) {
  const TrialFolder folder;
  const std::string link = folder.path() / "link";
  fs::create_symlink("/etc/passwd", link);
  LaunchSpec spec = Spec({"open", "/linked"});
  spec.files.push_back({link, "/linked"});
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_EQ(run.value().lines[0], "0");
}

TEST_P(SandboxDriverContract, SweepsProcessesOfItsUserIdsThatNobodyHolds) {
  if (!Works(Layer::kOwnUser)) GTEST_SKIP() << "this driver or user gives no user of its own";
  // A range of this test alone.
  constexpr uid_t kFirst = 0x7b100000;
  const auto driver = MakeSandboxDriver({.owner = OwnerName(), .first_id = kFirst, .id_count = 8});
  auto held = StartHeld(Spec({"hold"}), *driver);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const Pipe changed = OpenPipe();
  const pid_t stale = ::fork();
  if (stale == 0) {
    const char ok = ::syscall(SYS_setresuid, kFirst + 7, kFirst + 7, kFirst + 7) == 0 ? 'y' : 'n';
    if (::write(changed.write.get(), &ok, 1) < 0) ::_exit(1);
    for (;;) ::pause();
  }
  char ok = 'n';
  ASSERT_EQ(::read(changed.read.get(), &ok, 1), 1);
  ASSERT_EQ(ok, 'y');
  const auto other =
      MakeSandboxDriver({.owner = OwnerName() + "b", .first_id = kFirst, .id_count = 8});
  ASSERT_TRUE(other->Sweep().ok());
  int status = 0;
  EXPECT_EQ(::waitpid(stale, &status, 0), stale);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  const auto end = driver->Destroy(std::move(held.value().compartment), Cause::kTimedOut);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().reason, EndReason::kTimedOut) << "the sweep took what is still held";
}

INSTANTIATE_TEST_SUITE_P(Sandbox, SandboxDriverContract, testing::Values(DriverKinds()[0]),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::isolation
