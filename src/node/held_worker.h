// SPDX-License-Identifier: Apache-2.0
// Everything that a node has of one worker.
#pragma once

#include <cstdint>
#include <optional>

#include "compartment/worker.h"
#include "node/held_partitions.h"
#include "node/messages.h"
#include "node/sealed_model.h"
#include "node/sealing.h"
#include "node/worker_lifecycle.h"

namespace bulkhead::node {

// Never used twice.
using WorkerId = uint64_t;
using ClientId = uint64_t;

struct HeldWorker {
  WorkerId id = 0;
  ClientId client = 0;  // that launched it, and hears of it
  Launch request;
  LifecycleRules rules;
  HeldPartitions partitions;
  SealedModel model;
  Lifecycle life;

  // A start that waits for its model: which one, and until when.
  std::optional<uint64_t> unsealing;
  TimePoint unsealing_until{0};
  // From a start until its process is ready, or over: then it is wiped, whatever the worker did.
  std::optional<UnsealedModel> weights;
  std::optional<compartment::Worker> process;  // while there is one
  isolation::LayerSet layers;                  // of the last start
  int status_records = 0;                      // that this process sent
  // When a status pipe that was closed counts as lost: a process that is ending closes it too, a
  // moment before its end can be seen.
  std::optional<TimePoint> status_lost_at;
  std::optional<TimePoint> log_resumes_at;
};

// When it needs attention without being asked; nullopt: not before something comes.
std::optional<TimePoint> Due(const HeldWorker& worker);

WorkerSummary Summarize(const HeldWorker& worker);
Launched DescribeLaunched(const HeldWorker& worker);
Ended DescribeEnded(const HeldWorker& worker, const Report& report, TimePoint now);

// For the log: "cpu-2-3 (cpu:2c4g)", "gpu0-gi1 (3g.20gb at 4 beside cpu:1c2g)"; of a simulated GPU
// it says so.
std::string Describe(const Place& place);

// For the log: "starting", "crashed (SIGSEGV), backing off", "no room; failed".
std::string Describe(const Report& report);

}  // namespace bulkhead::node
