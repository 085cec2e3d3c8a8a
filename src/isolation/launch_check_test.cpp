// SPDX-License-Identifier: Apache-2.0
#include "isolation/launch_check.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

LaunchSpec GoodSpec() {
  LaunchSpec spec;
  spec.name = "tenant-a-1";
  spec.files = {{"/usr/bin/worker", "/bin/worker"}, {"/lib/libc.so", "/lib/libc.so"}};
  spec.devices = {"/dev/null"};
  spec.program = "/bin/worker";
  spec.environment = {"A=1"};
  spec.descriptors = {{7, 3}, {7, 4}};
  spec.share = {{0, 1}, 1 << 20, 8};
  return spec;
}

bool IsRefused(const std::function<void(LaunchSpec&)>& spoil) {
  LaunchSpec spec = GoodSpec();
  spoil(spec);
  const base::Status checked = CheckLaunchSpec(spec);
  return !checked.ok() && checked.error().code == base::Code::kInvalid;
}

TEST(CheckLaunchSpec, AcceptsAWholeSpec) { EXPECT_TRUE(CheckLaunchSpec(GoodSpec()).ok()); }

TEST(CheckLaunchSpec, RefusesNamesThatCannotNameACgroup) {
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(".."),
                                  std::string("A"), std::string(65, 'a')}) {
    EXPECT_TRUE(IsRefused([&](LaunchSpec& spec) { spec.name = name; })) << name;
  }
}

TEST(CheckLaunchSpec, RefusesPathsThatAreNotPlain) {
  for (const std::string path : {"bin/worker", "/", "/bin/../worker", "/bin//worker", "/bin/.",
                                 "//bin/worker", "/bin/worker/"}) {
    EXPECT_TRUE(IsRefused([&](LaunchSpec& spec) { spec.files[1].destination = path; })) << path;
    EXPECT_TRUE(IsRefused([&](LaunchSpec& spec) { spec.devices[0] = path; })) << path;
  }
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.files[1].source = "relative"; }));
  EXPECT_TRUE(
      IsRefused([](LaunchSpec& spec) { spec.files[1].destination = std::string("/lib/a\0b", 8); }));
}

TEST(CheckLaunchSpec, RefusesTwoThingsInOnePlace) {
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.files[1].destination = "/bin/worker"; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.devices[0] = "/bin/worker"; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.files[1].destination = "/bin"; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.files[1].destination = "/bin/worker/x"; }));
}

TEST(CheckLaunchSpec, RefusesAProgramThatIsNoneOfTheFiles) {
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.program = "/usr/bin/worker"; }));
}

TEST(CheckLaunchSpec, RefusesTextsThatExecveCannotPass) {
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.arguments = {std::string("a\0b", 3)}; }));
  for (const std::string variable : {"NAME", "=value", ""}) {
    EXPECT_TRUE(IsRefused([&](LaunchSpec& spec) { spec.environment = {variable}; })) << variable;
  }
}

TEST(CheckLaunchSpec, RefusesDescriptorNumbersThatAreTakenOrOutOfRange) {
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.descriptors[1].number = 3; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.descriptors[1].number = 2; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.descriptors[1].number = 1024; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.descriptors[1].source = -1; }));
}

TEST(CheckLaunchSpec, RefusesAShareOfNothing) {
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.share.cpus.clear(); }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.share.cpus = {-1}; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.share.cpus = {8192}; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.share.memory_bytes = 0; }));
  EXPECT_TRUE(IsRefused([](LaunchSpec& spec) { spec.share.processes = 0; }));
}

TEST(CheckUnmovedFiles, RefusesAFileThatIsToBeSeenElsewhere) {
  LaunchSpec spec = GoodSpec();
  EXPECT_FALSE(CheckUnmovedFiles(spec).ok());
  spec.files[0].destination = spec.files[0].source;
  EXPECT_TRUE(CheckUnmovedFiles(spec).ok());
}

}  // namespace
}  // namespace bulkhead::isolation
