// SPDX-License-Identifier: Apache-2.0
#include "node/worker_lifecycle.h"

#include <utility>

#include "channel/wire_enum.h"

namespace bulkhead::node {
namespace {

using base::Code;
using Process = Lifecycle::Process;

// One step: the worker, what it may look at, and what it answers.
struct Step {
  const LifecycleRules& rules;
  TimePoint now;
  std::mt19937_64& random;
  Lifecycle& worker;
  std::vector<Action> actions{};
};

// What brought a worker down: one of the two.
struct Failure {
  std::optional<isolation::End> end;
  std::optional<base::Error> error;
  bool passes = false;  // StartFailed::passes
};

void Enter(Phase phase, Step& step, Failure failure = {}) {
  step.worker.phase = phase;
  step.actions.emplace_back(Report{phase, std::move(failure.end), std::move(failure.error)});
}

void Start(Step& step) {
  Lifecycle& worker = step.worker;
  worker.process = Process::kAsked;
  worker.gave_up_for_good = false;
  worker.was_ready = false;
  worker.deadline = step.now + step.rules.start_timeout;
  ++worker.starts;
  Enter(Phase::kStarting, step);
  step.actions.emplace_back(StartWorker{});
}

void Finish(Step& step, Failure failure = {}) {
  step.actions.emplace_back(ReleasePartition{});
  Enter(Phase::kEnded, step, std::move(failure));
}

// Ends the process, whose start may still be under way: then Started does it.
void Stop(isolation::Cause cause, Step& step) {
  Enter(Phase::kStopping, step);
  if (step.worker.process == Process::kLive) step.actions.emplace_back(KillWorker{cause});
}

// The reasons for which the same start will fail again; the others are shortages that pass.
bool IsLasting(Code code) {
  return code != Code::kExhausted && code != Code::kDeadline && code != Code::kConflict &&
         code != Code::kInternal;
}

bool IsLasting(const Failure& failure, const Step& step) {
  if (failure.passes) return false;
  if (failure.error) return IsLasting(failure.error->code);
  const bool violated = failure.end->reason == isolation::EndReason::kViolated;
  return step.worker.gave_up_for_good || (violated && step.rules.fail_after_violation);
}

// No process is left: another start, or none.
void AfterProcess(Step& step, Failure failure) {
  Lifecycle& worker = step.worker;
  worker.process = Process::kNone;
  if (worker.end_wanted || !step.rules.restart) return Finish(step, std::move(failure));
  if (IsLasting(failure, step)) return Enter(Phase::kFailed, step, std::move(failure));
  const auto ran = worker.was_ready ? step.now - worker.ready_since : TimePoint(0);
  const auto wait = NextWait(step.rules.backoff, step.now, ran, step.random, worker.backoff);
  if (!wait) return Enter(Phase::kFailed, step, std::move(failure));
  worker.deadline = step.now + *wait;
  Enter(Phase::kBackingOff, step, std::move(failure));
}

void On(const Tick& /*tick*/, Step& step) {
  const auto due = Due(step.worker);
  if (!due || step.now < *due) return;
  switch (step.worker.phase) {
    case Phase::kPlanned:
    case Phase::kBackingOff:
      return Start(step);
    case Phase::kStarting:
    case Phase::kDraining:
      return Stop(isolation::Cause::kTimedOut, step);
    default:
      return;
  }
}

void On(const Started& /*started*/, Step& step) {
  if (step.worker.process != Process::kAsked) return;
  step.worker.process = Process::kLive;
  if (step.worker.phase == Phase::kStopping) {
    step.actions.emplace_back(KillWorker{isolation::Cause::kKilled});
  }
}

void On(const StartFailed& failed, Step& step) {
  if (step.worker.process != Process::kAsked) return;
  AfterProcess(step, {std::nullopt, failed.error, failed.passes});
}

void On(const StatusCame& status, Step& step) {
  Lifecycle& worker = step.worker;
  if (worker.process != Process::kLive) return;
  if (status.record.state == channel::WorkerState::kFailed) {
    // Only what a model or a setup is to blame for; the process exits by itself.
    const auto code = channel::CodeOfWire(status.record.code);
    worker.gave_up_for_good = code == Code::kInvalid || code == Code::kUnsupported;
  }
  if (status.record.state != channel::WorkerState::kReady || worker.phase != Phase::kStarting) {
    return;
  }
  worker.was_ready = true;
  worker.ready_since = step.now;
  Enter(Phase::kReady, step);
}

void On(const StatusLost& /*lost*/, Step& step) {
  if (step.worker.process != Process::kLive || step.worker.phase == Phase::kStopping) return;
  Stop(isolation::Cause::kKilled, step);
}

void On(const ProcessEnded& ended, Step& step) {
  if (step.worker.process != Process::kLive) return;
  AfterProcess(step, {ended.end, std::nullopt, false});
}

void On(const DestroyAsked& /*asked*/, Step& step) {
  Lifecycle& worker = step.worker;
  if (worker.phase == Phase::kEnded) return;
  worker.end_wanted = true;
  if (worker.phase == Phase::kStopping) return;
  if (worker.process == Process::kNone) return Finish(step);
  Stop(isolation::Cause::kKilled, step);
}

void On(const DrainAsked& /*asked*/, Step& step) {
  Lifecycle& worker = step.worker;
  if (worker.phase == Phase::kDraining) return;
  // Nobody has sent it a frame yet, so there is nothing to answer.
  if (worker.phase != Phase::kReady) return On(DestroyAsked{}, step);
  worker.end_wanted = true;
  worker.deadline = step.now + step.rules.drain_timeout;
  Enter(Phase::kDraining, step);
  step.actions.emplace_back(DrainWorker{});
}

void On(const RestartAsked& /*asked*/, Step& step) {
  if (step.worker.phase != Phase::kFailed && step.worker.phase != Phase::kBackingOff) return;
  step.worker.backoff = {};
  Start(step);
}

}  // namespace

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kPlanned:
      return "planned";
    case Phase::kStarting:
      return "starting";
    case Phase::kReady:
      return "ready";
    case Phase::kDraining:
      return "draining";
    case Phase::kStopping:
      return "stopping";
    case Phase::kBackingOff:
      return "backing off";
    case Phase::kFailed:
      return "failed";
    case Phase::kEnded:
      return "ended";
  }
  return "unknown";
}

std::optional<TimePoint> Due(const Lifecycle& lifecycle) {
  switch (lifecycle.phase) {
    case Phase::kPlanned:
      return TimePoint(0);
    case Phase::kStarting:
      // Until the start has been answered there is nothing that could be ended.
      if (lifecycle.process != Process::kLive) return std::nullopt;
      return lifecycle.deadline;
    case Phase::kDraining:
    case Phase::kBackingOff:
      return lifecycle.deadline;
    default:
      return std::nullopt;
  }
}

std::vector<Action> Advance(const LifecycleRules& rules, const Event& event, TimePoint now,
                            std::mt19937_64& random, Lifecycle& lifecycle) {
  Step step{rules, now, random, lifecycle};
  std::visit([&](const auto& one) { On(one, step); }, event);
  return std::move(step.actions);
}

}  // namespace bulkhead::node
