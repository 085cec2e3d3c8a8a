// SPDX-License-Identifier: Apache-2.0
#include "node/worker_lifecycle.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/wire_enum.h"

namespace bulkhead::node {
namespace {

using base::Code;
using channel::WorkerState;
using isolation::Cause;
using isolation::EndReason;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr LifecycleRules kRules{seconds(10), seconds(5)};

std::string Text(const Action& action) {
  struct {
    std::string operator()(const StartWorker& /*start*/) { return "start"; }
    std::string operator()(const KillWorker& kill) {
      return kill.cause == Cause::kKilled ? "kill" : "kill-late";
    }
    std::string operator()(const DrainWorker& /*drain*/) { return "drain"; }
    std::string operator()(const ReleasePartition& /*release*/) { return "release"; }
    std::string operator()(const Report& report) {
      return "[" + std::string(PhaseName(report.phase)) + "]";
    }
  } text;
  return std::visit(text, action);
}

// A worker, its clock and its chance; what its last event made it do, as one line.
struct Scene {
  LifecycleRules rules = kRules;
  Lifecycle worker;
  TimePoint now = seconds(1000);
  std::mt19937_64 random{1};
  std::vector<Action> actions;

  std::string Do(const Event& event) {
    actions = Advance(rules, event, now, random, worker);
    std::string line;
    for (const Action& action : actions) line += (line.empty() ? "" : " ") + Text(action);
    return line;
  }
  std::string Wait() {
    now = std::max(now, Due(worker).value_or(now));
    return Do(Tick{});
  }
  std::string Status(WorkerState state, Code code = Code::kInternal) {
    return Do(StatusCame{{state, channel::WireOf(code)}});
  }
  std::string End(EndReason reason) { return Do(ProcessEnded{{reason}}); }
};

using Move = std::function<std::string(Scene&)>;

const std::map<std::string, Move>& Moves() {
  static const std::map<std::string, Move> kMoves = {
      {"early tick",
       [](Scene& s) {
         s.now = std::max(TimePoint(-1), Due(s.worker).value_or(s.now) - TimePoint(1));
         return s.Do(Tick{});
       }},
      {"tick", [](Scene& s) { return s.Wait(); }},
      {"started", [](Scene& s) { return s.Do(Started{}); }},
      {"no room",
       [](Scene& s) { return s.Do(StartFailed{base::OperatorError(Code::kExhausted, "")}); }},
      {"no layer",
       [](Scene& s) { return s.Do(StartFailed{base::OperatorError(Code::kUnavailable, "")}); }},
      {"loading", [](Scene& s) { return s.Status(WorkerState::kLoading); }},
      {"warm", [](Scene& s) { return s.Status(WorkerState::kReady); }},
      {"gives up", [](Scene& s) { return s.Status(WorkerState::kFailed, Code::kInvalid); }},
      {"violates", [](Scene& s) { return s.Status(WorkerState::kViolated); }},
      {"lost", [](Scene& s) { return s.Do(StatusLost{}); }},
      {"crash", [](Scene& s) { return s.End(EndReason::kCrashed); }},
      {"finish", [](Scene& s) { return s.End(EndReason::kFinished); }},
      {"violation", [](Scene& s) { return s.End(EndReason::kViolated); }},
      {"drain", [](Scene& s) { return s.Do(DrainAsked{}); }},
      {"destroy", [](Scene& s) { return s.Do(DestroyAsked{}); }},
      {"restart", [](Scene& s) { return s.Do(RestartAsked{}); }}};
  return kMoves;
}

Scene After(const std::vector<std::string>& moves) {
  Scene scene;
  for (const std::string& move : moves) Moves().at(move)(scene);
  return scene;
}

// Every situation that the rules tell apart, and the moves that lead to it.
const std::map<std::string, std::vector<std::string>>& Situations() {
  static const std::map<std::string, std::vector<std::string>> kSituations = {
      {"planned", {}},
      {"asked", {"tick"}},
      {"condemned", {"tick", "destroy"}},  // before its start was answered
      {"starting", {"tick", "started"}},
      {"ready", {"tick", "started", "warm"}},
      {"draining", {"tick", "started", "warm", "drain"}},
      {"stopping", {"tick", "started", "tick"}},  // too late; starts again
      {"ending", {"tick", "started", "destroy"}},
      {"backing off", {"tick", "started", "crash"}},
      {"failed", {"tick", "no layer"}},
      {"ended", {"destroy"}}};
  return kSituations;
}

using Pair = std::pair<std::string, std::string>;

// What each event does in each situation. A pair that is not here does nothing.
const std::map<Pair, std::string>& Table() {
  static const std::map<Pair, std::string> kTable = {
      {{"planned", "tick"}, "[starting] start"},
      {{"planned", "drain"}, "release [ended]"},
      {{"planned", "destroy"}, "release [ended]"},

      {{"asked", "no room"}, "[backing off]"},
      {{"asked", "no layer"}, "[failed]"},
      {{"asked", "drain"}, "[stopping]"},
      {{"asked", "destroy"}, "[stopping]"},

      {{"condemned", "started"}, "kill"},
      {{"condemned", "no room"}, "release [ended]"},
      {{"condemned", "no layer"}, "release [ended]"},

      {{"starting", "tick"}, "[stopping] kill-late"},
      {{"starting", "warm"}, "[ready]"},
      {{"starting", "lost"}, "[stopping] kill"},
      {{"starting", "crash"}, "[backing off]"},
      {{"starting", "finish"}, "[backing off]"},
      {{"starting", "violation"}, "[failed]"},
      {{"starting", "drain"}, "[stopping] kill"},
      {{"starting", "destroy"}, "[stopping] kill"},

      {{"ready", "lost"}, "[stopping] kill"},
      {{"ready", "crash"}, "[backing off]"},
      {{"ready", "finish"}, "[backing off]"},
      {{"ready", "violation"}, "[failed]"},
      {{"ready", "drain"}, "[draining] drain"},
      {{"ready", "destroy"}, "[stopping] kill"},

      {{"draining", "tick"}, "[stopping] kill-late"},
      {{"draining", "lost"}, "[stopping] kill"},
      {{"draining", "crash"}, "release [ended]"},
      {{"draining", "finish"}, "release [ended]"},
      {{"draining", "violation"}, "release [ended]"},
      {{"draining", "destroy"}, "[stopping] kill"},

      {{"stopping", "crash"}, "[backing off]"},
      {{"stopping", "finish"}, "[backing off]"},
      {{"stopping", "violation"}, "[failed]"},

      {{"ending", "crash"}, "release [ended]"},
      {{"ending", "finish"}, "release [ended]"},
      {{"ending", "violation"}, "release [ended]"},

      {{"backing off", "tick"}, "[starting] start"},
      {{"backing off", "restart"}, "[starting] start"},
      {{"backing off", "drain"}, "release [ended]"},
      {{"backing off", "destroy"}, "release [ended]"},

      {{"failed", "restart"}, "[starting] start"},
      {{"failed", "drain"}, "release [ended]"},
      {{"failed", "destroy"}, "release [ended]"}};
  return kTable;
}

TEST(WorkerLifecycle, DoesInEverySituationWhatTheTableSaysAndNothingElse) {
  for (const auto& [situation, moves] : Situations()) {
    for (const auto& [event, move] : Moves()) {
      Scene scene = After(moves);
      const auto row = Table().find({situation, event});
      EXPECT_EQ(move(scene), row == Table().end() ? "" : row->second) << situation << ", " << event;
    }
  }
}

TEST(WorkerLifecycle, ReportsHowAProcessEnded) {
  Scene scene = After({"tick", "started", "warm"});
  scene.Do(ProcessEnded{{EndReason::kCrashed, 0, 11}});
  const auto& report = std::get<Report>(scene.actions.at(0));
  ASSERT_TRUE(report.end);
  EXPECT_EQ(report.end->signal, 11);
  EXPECT_FALSE(report.error);
}

TEST(WorkerLifecycle, ReportsWhyAProcessDidNotBegin) {
  Scene scene = After({"tick"});
  scene.Do(StartFailed{base::OperatorError(Code::kUnavailable, "no landlock")});
  const auto& report = std::get<Report>(scene.actions.at(0));
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->detail, "no landlock");
  EXPECT_FALSE(report.end);
}

TEST(WorkerLifecycle, EndsAWorkerThatIsNotReadyInTime) {
  Scene scene = After({"tick", "started"});
  EXPECT_EQ(Due(scene.worker), scene.now + kRules.start_timeout);
  scene.now += kRules.start_timeout;
  EXPECT_EQ(scene.Do(Tick{}), "[stopping] kill-late");
  EXPECT_EQ(scene.Do(Tick{}), "");
  EXPECT_EQ(Due(scene.worker), std::nullopt);
}

TEST(WorkerLifecycle, EndsAWorkerThatDoesNotDrainInTime) {
  Scene scene = After({"tick", "started", "warm", "drain"});
  EXPECT_EQ(Due(scene.worker), scene.now + kRules.drain_timeout);
}

// Starts it, and lets it crash after `loading`, or, where it gets that far, `serving`.
void RunOnce(Scene& scene, seconds loading, std::optional<seconds> serving) {
  scene.Wait();
  scene.Do(Started{});
  scene.now += loading;
  if (serving) {
    scene.Status(WorkerState::kReady);
    scene.now += *serving;
  }
  scene.End(EndReason::kCrashed);
}

TEST(WorkerLifecycle, StartsOverOnlyAfterServingLongEnough) {
  Scene scene;
  scene.rules.backoff = {milliseconds(100), seconds(100), seconds(60), 100, seconds(1)};
  scene.rules.start_timeout = seconds(1000);
  for (int i = 0; i < 5; ++i) RunOnce(scene, seconds(120), std::nullopt);
  RunOnce(scene, seconds(120), seconds(59));
  EXPECT_EQ(scene.worker.backoff.doublings, 6);
  RunOnce(scene, seconds(120), seconds(60));
  EXPECT_EQ(scene.worker.backoff.doublings, 1);
  // That the one before served does not make this one stable.
  RunOnce(scene, seconds(120), std::nullopt);
  EXPECT_EQ(scene.worker.backoff.doublings, 2);
}

TEST(WorkerLifecycle, TriesAFailedStartAgainOnlyWhereItMayPass) {
  for (const Code code : {Code::kExhausted, Code::kDeadline, Code::kConflict, Code::kInternal}) {
    Scene scene = After({"tick"});
    EXPECT_EQ(scene.Do(StartFailed{base::OperatorError(code, "")}), "[backing off]");
  }
  for (const Code code : {Code::kInvalid, Code::kNotFound, Code::kDenied, Code::kUnsupported,
                          Code::kUnavailable, Code::kCorrupt}) {
    Scene scene = After({"tick"});
    EXPECT_EQ(scene.Do(StartFailed{base::OperatorError(code, "")}), "[failed]");
  }
  Scene scene = After({"tick"});
  EXPECT_EQ(scene.Do(StartFailed{base::OperatorError(Code::kUnavailable, "no keys now"), true}),
            "[backing off]");
}

TEST(WorkerLifecycle, FailsAfterTooManyEndsAndStartsCleanWhenTheOperatorSaysSo) {
  Scene scene;
  scene.rules.backoff.failures_max = 3;
  for (int i = 0; i < 3; ++i) {
    scene.Wait();
    scene.Do(Started{});
    EXPECT_EQ(scene.End(EndReason::kCrashed), i < 2 ? "[backing off]" : "[failed]");
  }
  EXPECT_EQ(Due(scene.worker), std::nullopt);
  EXPECT_EQ(scene.worker.starts, 3);
  EXPECT_EQ(scene.Do(RestartAsked{}), "[starting] start");
  scene.Do(Started{});
  EXPECT_EQ(scene.End(EndReason::kCrashed), "[backing off]");
}

TEST(WorkerLifecycle, DoesNotTryAModelAgainThatTheWorkerRefused) {
  for (const Code code : {Code::kInvalid, Code::kUnsupported}) {
    Scene scene = After({"tick", "started"});
    scene.Status(WorkerState::kFailed, code);
    EXPECT_EQ(scene.End(EndReason::kFinished), "[failed]");
    // The next process has not said so.
    scene.Do(RestartAsked{});
    scene.Do(Started{});
    EXPECT_EQ(scene.End(EndReason::kFinished), "[backing off]");
  }
  for (const Code code : {Code::kExhausted, Code::kInternal}) {
    Scene scene = After({"tick", "started"});
    scene.Status(WorkerState::kFailed, code);
    EXPECT_EQ(scene.End(EndReason::kFinished), "[backing off]");
  }
}

TEST(WorkerLifecycle, TriesAgainAfterAViolationOnlyWhereTheRulesAllowIt) {
  Scene scene = After({"tick", "started", "warm"});
  scene.rules.fail_after_violation = false;
  EXPECT_EQ(scene.End(EndReason::kViolated), "[backing off]");
}

TEST(WorkerLifecycle, NeverStartsAWorkerOfAJobAgain) {
  for (const char* last : {"crash", "finish", "violation"}) {
    Scene scene = After({"tick", "started", "warm"});
    scene.rules.restart = false;
    EXPECT_EQ(Moves().at(last)(scene), "release [ended]") << last;
  }
  Scene scene = After({"tick"});
  scene.rules.restart = false;
  EXPECT_EQ(Moves().at("no room")(scene), "release [ended]");
}

TEST(WorkerLifecycle, EndsAWorkerThatWasToBeStartedAgainWhenItIsDestroyedMeanwhile) {
  Scene scene = After({"tick", "started", "tick"});
  EXPECT_EQ(scene.Do(DestroyAsked{}), "");
  EXPECT_EQ(scene.End(EndReason::kTimedOut), "release [ended]");
}

}  // namespace
}  // namespace bulkhead::node
