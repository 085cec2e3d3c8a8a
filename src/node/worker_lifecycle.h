// SPDX-License-Identifier: Apache-2.0
// The life of one worker as its supervisor sees it: a pure state machine. A single-threaded loop
// feeds it events one at a time, does what it answers in that order, and feeds back what came of
// it. It holds no descriptor, reads no clock and never blocks.
//
//   planned -> starting -> ready -> draining -> ended
//                 |  ^        |         |
//                 |  |        +---------+--> stopping -> ended
//                 v  |        v
//              backing off <- (ended by itself) -> failed
//
// The partition is the worker's from planned to ended, over restarts, so that a neighbour cannot
// take its place while it backs off; a worker that failed keeps it until the operator destroys it.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "channel/inheritance.h"
#include "isolation/end.h"
#include "isolation/isolation_driver.h"
#include "node/backoff.h"

namespace bulkhead::node {

enum class Phase : uint8_t {
  kPlanned = 1,
  kStarting = 2,    // started, not warm yet
  kReady = 3,       // it said so itself: frames may be sent
  kDraining = 4,    // answers what it has, then exits
  kStopping = 5,    // was told to die; its end has not been seen yet
  kBackingOff = 6,  // waits for its next start
  kFailed = 7,      // down until the operator acts
  kEnded = 8,       // gone, its partition released; nothing happens any more
};

// "planned", "backing off", ...
std::string_view PhaseName(Phase phase);

struct LifecycleRules {
  std::chrono::milliseconds start_timeout{120'000};  // from its start to kReady
  std::chrono::milliseconds drain_timeout{30'000};
  // A worker of a job is not started again, whatever ended it.
  bool restart = true;
  // A worker that made a forbidden call may be someone else's program by then: it is not given the
  // next try before a person has looked.
  bool fail_after_violation = true;
  BackoffPolicy backoff;
};

// What the loop tells it.
struct Tick {};     // the time that Due() named has come, or not: harmless at any time
struct Started {};  // StartWorker succeeded
struct StartFailed {
  base::Error error;
  // Somebody outside of this machine did not answer: it is tried again as if a process had ended.
  bool passes = false;
};
// A record of the status pipe. The loop reads all there are before it reports the process's end.
struct StatusCame {
  channel::StatusRecord record;
};
struct StatusLost {};  // the pipe is closed or carries something else, and the process still runs
struct ProcessEnded {
  isolation::End end;
};
struct DrainAsked {};
struct DestroyAsked {};
struct RestartAsked {};  // of a worker that failed or backs off: now, with a clean record
using Event = std::variant<Tick, Started, StartFailed, StatusCame, StatusLost, ProcessEnded,
                           DrainAsked, DestroyAsked, RestartAsked>;

// What it tells the loop to do.
struct StartWorker {};  // answer with Started or StartFailed
struct KillWorker {     // answer with ProcessEnded
  isolation::Cause cause = isolation::Cause::kKilled;
};
struct DrainWorker {};       // ask it to answer what it has and exit
struct ReleasePartition {};  // scrub it and put it back
// It changed to `phase`. `end` where a process has just ended, `error` where it has not even begun.
struct Report {
  Phase phase = Phase::kPlanned;
  std::optional<isolation::End> end;
  std::optional<base::Error> error;
};
using Action = std::variant<StartWorker, KillWorker, DrainWorker, ReleasePartition, Report>;

// One worker. A new one holds its partition and has not been started: the first Tick starts it.
struct Lifecycle {
  enum class Process : uint8_t { kNone, kAsked, kLive };

  Phase phase = Phase::kPlanned;
  Process process = Process::kNone;
  bool end_wanted = false;  // no further start, whatever happens
  // The process itself said that its model or setup will not do: the next start would end alike.
  bool gave_up_for_good = false;
  TimePoint deadline{0};     // of the phases that have one
  TimePoint ready_since{0};  // of kReady and kDraining, and of a kStopping that came from them
  bool was_ready = false;    // this process
  int starts = 0;
  Backoff backoff;
};

// When the next Tick is needed; nullopt: not before another event.
std::optional<TimePoint> Due(const Lifecycle& lifecycle);

// Events that make no sense in a phase change nothing. `now` never goes back.
std::vector<Action> Advance(const LifecycleRules& rules, const Event& event, TimePoint now,
                            std::mt19937_64& random, Lifecycle& lifecycle);

}  // namespace bulkhead::node
