// SPDX-License-Identifier: Apache-2.0
// Thousands of random lives of a worker, in a world that does what it is told and more. What must
// hold in each of them is checked at each step.
#include <string>

#include <gtest/gtest.h>

#include "node/worker_lifecycle.h"

namespace bulkhead::node {
namespace {

using base::Code;
using channel::WorkerState;
using isolation::EndReason;
using std::chrono::milliseconds;

// What exists outside of the state machine, and what it was told.
class World {
 public:
  explicit World(uint64_t seed) : random_(seed), worker_random_(seed) {
    rules_ = {milliseconds(Roll(50)), milliseconds(Roll(50)), Roll(4) != 0, Roll(2) == 0, {}};
    rules_.backoff = {milliseconds(Roll(20)), milliseconds(20 + Roll(200)), milliseconds(100),
                      static_cast<int>(1 + Roll(6)), milliseconds(Roll(2000))};
  }

  uint64_t Roll(uint64_t sides) { return random_() % sides; }
  [[nodiscard]] bool ended() const { return worker_.phase == Phase::kEnded; }
  [[nodiscard]] int starts() const { return starts_; }

  void Feed(const Event& event) {
    const Phase before = worker_.phase;
    phase_ = before;
    for (const Action& action : Advance(rules_, event, now_, worker_random_, worker_)) {
      std::visit([&](const auto& one) { Obey(one); }, action);
    }
    EXPECT_EQ(phase_, worker_.phase) << "a change of phase that was not reported";
    EXPECT_LE(worker_.backoff.failures.size(),
              static_cast<std::size_t>(rules_.backoff.failures_max));
    EXPECT_EQ(released_, worker_.phase == Phase::kEnded ? 1 : 0);
    EXPECT_TRUE(before != Phase::kEnded || worker_.phase == Phase::kEnded);
    EXPECT_TRUE(worker_.phase != Phase::kReady || (live_ && said_ready_));
    if (worker_.phase == Phase::kBackingOff || worker_.phase == Phase::kFailed ||
        worker_.phase == Phase::kEnded) {
      EXPECT_FALSE(live_ || asked_) << PhaseName(worker_.phase);
    }
  }

  // One event of those that can happen in this world, and now and then one that cannot.
  void Step() {
    now_ += milliseconds(Roll(20));
    if (asked_ && Roll(2) == 0) return AnswerStart();
    if (live_ && (killed_ || Roll(8) == 0)) return EndProcess();
    switch (Roll(10)) {
      case 0:
        return Roll(12) == 0 ? Feed(DrainAsked{}) : Feed(RestartAsked{});
      case 1:
        return Roll(24) == 0 ? Feed(DestroyAsked{}) : Feed(Tick{});
      case 2:
        return Roll(4) == 0 ? Feed(StatusLost{}) : SendStatus();
      case 3:
      case 4:
        return SendStatus();
      case 5:
        return Impossible();
      default:
        return Feed(Tick{});
    }
  }

  // The operator wants an end: it must come, by answers and by time alone.
  void Destroy() {
    Feed(DestroyAsked{});
    for (int i = 0; i < 4 && !ended(); ++i) {
      if (asked_) AnswerStart();
      if (live_) EndProcess();
    }
    EXPECT_TRUE(ended());
  }

 private:
  void Obey(const StartWorker& /*start*/) {
    EXPECT_FALSE(asked_ || live_) << "a second process";
    EXPECT_EQ(released_, 0) << "a start without a partition";
    asked_ = true;
    ++starts_;
  }
  void Obey(const KillWorker& /*kill*/) {
    EXPECT_TRUE(live_);
    EXPECT_FALSE(killed_) << "killed twice";
    killed_ = true;
  }
  void Obey(const DrainWorker& /*drain*/) { EXPECT_TRUE(live_ && said_ready_ && !killed_); }
  void Obey(const ReleasePartition& /*release*/) {
    EXPECT_FALSE(live_ || asked_) << "released under a process";
    ++released_;
  }
  void Obey(const Report& report) {
    EXPECT_NE(report.phase, phase_) << "reported without a change";
    phase_ = report.phase;
  }

  void AnswerStart() {
    asked_ = false;
    if (Roll(3) == 0) {
      return Feed(StartFailed{
          base::OperatorError(Roll(2) == 0 ? Code::kExhausted : Code::kInvalid, "walk")});
    }
    live_ = true;
    killed_ = false;
    said_ready_ = false;
    Feed(Started{});
  }

  void EndProcess() {
    live_ = false;
    constexpr EndReason kReasons[] = {EndReason::kFinished, EndReason::kCrashed,
                                      EndReason::kViolated, EndReason::kOutOfMemory,
                                      EndReason::kTimedOut, EndReason::kLost};
    Feed(ProcessEnded{{kReasons[Roll(std::size(kReasons))]}});
  }

  void SendStatus() {
    if (!live_) return;
    const auto state = static_cast<WorkerState>(1 + Roll(4));
    said_ready_ |= state == WorkerState::kReady;
    Feed(StatusCame{{state, static_cast<uint8_t>(Roll(12))}});
  }

  // Late or invented news, which must change nothing.
  void Impossible() {
    const Phase before = worker_.phase;
    if (!asked_) Feed(Started{});
    if (!asked_) Feed(StartFailed{base::OperatorError(Code::kInvalid, "late")});
    if (!live_) Feed(ProcessEnded{{EndReason::kCrashed}});
    if (!live_) Feed(StatusCame{{WorkerState::kReady}});
    EXPECT_EQ(worker_.phase, before);
  }

  std::mt19937_64 random_;
  std::mt19937_64 worker_random_;
  LifecycleRules rules_;
  Lifecycle worker_;
  TimePoint now_{0};
  bool asked_ = false;
  bool live_ = false;
  bool killed_ = false;
  bool said_ready_ = false;
  int starts_ = 0;
  int released_ = 0;
  Phase phase_ = Phase::kPlanned;
};

TEST(LifecycleWalk, KeepsItsPromisesWhateverHappens) {
  int starts = 0;
  for (uint64_t seed = 1; seed <= 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int step = 0; step < 200; ++step) world.Step();
    world.Destroy();
    starts += world.starts();
  }
  EXPECT_GT(starts, 15'000) << "the walk hardly ever started a worker";
}

}  // namespace
}  // namespace bulkhead::node
