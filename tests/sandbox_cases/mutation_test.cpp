// SPDX-License-Identifier: Apache-2.0
// Takes one layer away at a time: some attack must then get what it is after, or the layer is not
// tested by any.
//
// A layer that hides behind others is looked at without these: `hidden_behind` is left out both
// times, the layer itself only the second time.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sandbox_cases/laboratory.h"
#include "sandbox_cases/neighbour.h"
#include "sandbox_cases/outside.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::Layer;
using isolation::LayerSet;

struct Attempt {
  std::string_view attack;
  std::string_view argument;
};

// All while starting, where the filter of serving does not yet hide the rest. None of them may do
// harm on a machine without any layer.
constexpr Attempt kAttempts[] = {
    {"read", "/etc/passwd"},
    {"read", "/etc/shadow"},
    {"read", "/proc/self/status"},
    {"list", "/"},
    {"listen-tcp", ""},
    {"send-udp", "{udp}"},
    {"connect-abstract", "{abstract}"},
    {"find-process", "{supervisor}"},
    {"signal", "{supervisor}"},
    {"io-uring", ""},
    {"userfaultfd", ""},
    {"memory-file", ""},
    {"map-writable-code", ""},
    {"find-key", "{key}"},
    {"fork", ""},
    {"user-id", ""},
    {"become-root", ""},
    {"capabilities", ""},
    {"capabilities-ahead", ""},
    {"raise-priority", ""},
    {"gain-privileges", ""},
    {"set-user-id", "{set-user-id}"},
    {"dumpable", ""},
    {"host-name", ""},
    {"set-host-name", ""},
    {"shared-namespace", "{namespace user}"},
    {"shared-namespace", "{namespace mnt}"},
    {"shared-namespace", "{namespace pid}"},
    {"shared-namespace", "{namespace net}"},
    {"shared-namespace", "{namespace ipc}"},
    {"shared-namespace", "{namespace uts}"},
    {"shared-namespace", "{namespace cgroup}"},
    {"cgroup-path", "bulkhead-"},
    {"shared-memory", "{shared-memory}"},
    {"other-core", "{core}"},
    {"descriptors", "200"},
    {"memory", "400"},
    {"threads", "200"},
};

struct Mutation {
  Layer layer;
  LayerSet hidden_behind;
};

// Why each is hidden: README.md.
std::vector<Mutation> Mutations() {
  const LayerSet files{Layer::kSyscallFilter, Layer::kLandlock, Layer::kPrivateRoot,
                       Layer::kMountNamespace};
  LayerSet gains = files;
  gains.Add(Layer::kUserNamespace);
  return {
      {Layer::kSyscallFilter, {}},
      {Layer::kUtsNamespace, {}},
      {Layer::kResourceLimits, {}},
      {Layer::kCgroupMemory, {}},
      {Layer::kCgroupPids, {Layer::kResourceLimits}},
      {Layer::kCgroupCpus, {Layer::kSyscallFilter}},
      {Layer::kNetworkNamespace, {Layer::kSyscallFilter}},
      {Layer::kPidNamespace, {Layer::kSyscallFilter}},
      {Layer::kIpcNamespace, {Layer::kSyscallFilter}},
      {Layer::kUserNamespace, {Layer::kSyscallFilter}},
      {Layer::kLandlock, {Layer::kSyscallFilter}},
      {Layer::kPrivateRoot, {Layer::kLandlock}},
      {Layer::kMountNamespace, {Layer::kSyscallFilter, Layer::kLandlock, Layer::kPrivateRoot}},
      {Layer::kCgroupNamespace, files},
      {Layer::kOwnUser, files},
      {Layer::kNoCapabilities, {Layer::kSyscallFilter, Layer::kUserNamespace, Layer::kOwnUser}},
      {Layer::kNoNewPrivileges, gains},
  };
}

LayerSet Union(LayerSet set, Layer layer) {
  set.Add(layer);
  return set;
}

std::string Names(const LayerSet& set) {
  std::string names;
  for (const Layer layer : set.List()) {
    names += (names.empty() ? "" : ", ") + std::string(isolation::LayerName(layer));
  }
  return names.empty() ? "-" : names;
}

class LayerMutation : public testing::Test {
 protected:
  // The attacks that get something without these layers.
  std::vector<std::string> Successes(const LayerSet& withheld) {
    const std::string key = Names(withheld);
    if (const auto known = successes_.find(key); known != successes_.end()) return known->second;
    // Without a private root its user has to get to the program on the paths of the machine.
    Laboratory laboratory = OpenLaboratory(withheld, outside_.Fill("{everyones-program}"));
    EXPECT_EQ(laboratory.failure, "");
    std::vector<std::string> names;
    for (const Attempt& attempt : kAttempts) {
      const Order order{Moment::kStarting, std::string(attempt.attack),
                        outside_.Fill(std::string(attempt.argument))};
      const Outcome outcome = Watch(laboratory, order);
      EXPECT_FALSE(outcome.start) << "without " << key << ": " << DescribeOutcome(outcome);
      for (const Layer layer : withheld.List()) EXPECT_FALSE(outcome.layers.Has(layer));
      if (outcome.start) break;
      if (HasLoot(outcome)) {
        names.push_back(fmt::format("{} {}", attempt.attack, attempt.argument));
      }
    }
    return successes_[key] = names;
  }

  Outside outside_;
  std::map<std::string, std::vector<std::string>> successes_;
};

TEST_F(LayerMutation, NoAttackSucceedsWithEveryLayer) {
  if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user does not have every layer";
  EXPECT_THAT(Successes({}), testing::IsEmpty());
}

TEST_F(LayerMutation, SomeAttackSucceedsWithoutEachLayer) {
  if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user does not have every layer";
  for (const Mutation& mutation : Mutations()) {
    const auto before = Successes(mutation.hidden_behind);
    std::vector<std::string> red;
    for (const std::string& name : Successes(Union(mutation.hidden_behind, mutation.layer))) {
      if (std::ranges::find(before, name) == before.end()) red.push_back(name);
    }
    fmt::print("{:<18} | also without: {} | got: {}\n", isolation::LayerName(mutation.layer),
               Names(mutation.hidden_behind), fmt::join(red, "; "));
    EXPECT_FALSE(red.empty()) << "nothing tests " << isolation::LayerName(mutation.layer);
  }
}

// exec makes a program that can be read dumpable again, so this layer is the worker's own doing:
// a program in its place that leaves it out is dumpable, whatever the driver did.
TEST_F(LayerMutation, NotDumpableIsWhatTheProgramMakesOfItself) {
  const Order order{Moment::kStarting, "dumpable", ""};
  Laboratory laboratory = OpenLaboratory();
  ASSERT_EQ(laboratory.failure, "");
  EXPECT_FALSE(HasLoot(Watch(laboratory, order)));
  laboratory.environment = {"HOSTILE_STAYS_DUMPABLE=1"};
  EXPECT_TRUE(HasLoot(Watch(laboratory, order)));
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
