// SPDX-License-Identifier: Apache-2.0
// kill -9 of worker, node, and both, at random points: each time a frame must be answered again,
// and nothing may be left behind. BULKHEAD_KILLS says how often (60), BULKHEAD_SEED repeats a run.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "node_program.h"

namespace bulkhead {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kKills = 60;
constexpr int kRunningMaxMs = 20;    // kill within so long after a frame was answered
constexpr int kStartingMaxMs = 120;  // or so long after a start

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return otherwise;
  const std::string_view digits(text);
  std::from_chars(digits.data(), digits.data() + digits.size(), otherwise);
  return otherwise;
}

class Siege {
 public:
  explicit Siege(uint64_t seed) : random_(seed) {}

  // Starts what does not run and has a frame answered.
  void Recover() {
    if (!node_) node_.emplace(home_, Options());
    if (!client_) {
      ASSERT_TRUE(node_->Serves()) << node_->Log();
      auto client = node::Client::Connect(home_.socket(), kPatience);
      ASSERT_TRUE(client.ok()) << client.error().detail;
      client_ = std::move(client).value();
      const base::Status launched = LaunchBolts(*client_, "bolts");
      ASSERT_TRUE(launched.ok()) << launched.error().detail;
    }
    // A worker that was killed after it was ready leaves a socket that says so.
    base::Status seen = base::OperatorError(base::Code::kUnavailable, "");
    while (!seen.ok() && seen.error().code == base::Code::kUnavailable) {
      auto ready = client_->WaitUntilReady("bolts", kPatience);
      ASSERT_TRUE(ready.ok()) << ready.error().detail << "\n" << node_->Log();
      seen = SeeBolts(std::move(ready.value().frames));
    }
    ASSERT_TRUE(seen.ok()) << seen.error().detail << "\n" << node_->Log();
  }

  // Nothing but one node with one worker may be there.
  void ExpectNothingElse(uint64_t cycle) {
    ASSERT_EQ(node_->Workers().size(), 1U) << cycle;
    ASSERT_GE(ReapChildren(node_->pid()), 0) << cycle;
    ASSERT_EQ(Mounts(), mounts_) << cycle;
    ASSERT_EQ(home_.Content(), std::vector<std::string>{"node.sock"}) << cycle;
    const int descriptors = node_->DescriptorCount();
    if (!descriptors_) descriptors_ = descriptors;
    ASSERT_EQ(descriptors, *descriptors_) << cycle;
    const auto cgroups = home_.Cgroups();
    if (!cgroups_) cgroups_ = cgroups;
    ASSERT_EQ(cgroups, *cgroups_) << cycle;
    const int own = OwnDescriptorCount();
    if (!own_descriptors_) own_descriptors_ = own;
    ASSERT_EQ(own, *own_descriptors_) << cycle;
    node_->Log();
  }

  void Kill() {
    switch (Roll(3)) {
      case 0:
        Wait(Roll(kRunningMaxMs + 1));
        KillWorker();
        break;
      case 1:
        Wait(Roll(kRunningMaxMs + 1));
        KillNode();
        break;
      default:
        Wait(Roll(kRunningMaxMs + 1));
        KillWorker();
        if (Roll(2) == 0) Wait(Roll(kStartingMaxMs + 1));
        KillNode();
        break;
    }
    // And now and then while what was killed comes back.
    if (Roll(3) == 0) {
      if (!node_) node_.emplace(home_, Options());
      Wait(Roll(kStartingMaxMs + 1));
      // Before it serves, its children are no workers.
      if (client_ && Roll(2) == 0) {
        KillWorker();
      } else {
        KillNode();
      }
    }
  }

  void Finish() {
    const Clock::time_point start = Clock::now();
    node_->Signal(SIGTERM);
    EXPECT_EQ(node_->End(), 0);
    node_.reset();
    client_.reset();
    EXPECT_GE(ReapChildren(-1), 0);
    EXPECT_EQ(home_.Content(), std::vector<std::string>());
    EXPECT_EQ(home_.Cgroups(), std::vector<std::string>());
    EXPECT_EQ(Mounts(), mounts_);
    EXPECT_LT(Clock::now() - start, kPatience);
  }

  [[nodiscard]] std::string Score() const {
    return fmt::format("{} nodes and {} workers killed", nodes_killed_, workers_killed_);
  }

 private:
  uint64_t Roll(uint64_t sides) { return random_() % sides; }

  // The random point: nothing is waited for.
  static void Wait(uint64_t milliseconds) { ::poll(nullptr, 0, static_cast<int>(milliseconds)); }

  // It is told to forget failures, which there are many of.
  static std::vector<std::string> Options() {
    return {"--restart-wait", "1", "--restart-wait-max", "20", "--failures-max", "1000000"};
  }

  void KillWorker() {
    for (const pid_t worker : node_->Workers()) workers_killed_ += KillAndWait(worker) ? 1U : 0U;
  }

  void KillNode() {
    node_->Signal(SIGKILL);
    EXPECT_EQ(node_->End(), 128 + SIGKILL);
    node_.reset();
    client_.reset();
    ++nodes_killed_;
  }

  std::mt19937_64 random_;
  const StateHome home_;
  const std::string mounts_ = Mounts();
  std::optional<NodeProgram> node_;
  std::optional<node::Client> client_;
  std::optional<int> descriptors_;
  std::optional<int> own_descriptors_;
  std::optional<std::vector<std::string>> cgroups_;
  uint64_t nodes_killed_ = 0;
  uint64_t workers_killed_ = 0;
};

TEST(NodeKill, BringsEverythingBackAndLeavesNothing) {
  const uint64_t kills = NumberFrom("BULKHEAD_KILLS", kKills);
  const uint64_t seed = NumberFrom("BULKHEAD_SEED", std::random_device()());
  std::cout << "BULKHEAD_SEED=" << seed << " BULKHEAD_KILLS=" << kills << '\n';
  AdoptOrphans();
  Siege siege(seed);
  for (uint64_t i = 0; i <= kills && !testing::Test::HasFailure(); ++i) {
    if (i > 0) siege.Kill();
    siege.Recover();
    if (testing::Test::HasFailure()) break;
    siege.ExpectNothingElse(i);
  }
  siege.Finish();
  std::cout << siege.Score() << '\n';
}

}  // namespace
}  // namespace bulkhead
