// SPDX-License-Identifier: Apache-2.0
#include "node/held_worker.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "node/launch_plan.h"

namespace bulkhead::node {

std::optional<TimePoint> Due(const HeldWorker& worker) {
  std::optional<TimePoint> due;
  std::optional<TimePoint> unsealed;
  if (worker.unsealing) unsealed = worker.unsealing_until;
  for (const auto& one :
       {Due(worker.life), unsealed, worker.status_lost_at, worker.log_resumes_at}) {
    if (one) due = std::min(due.value_or(*one), *one);
  }
  return due;
}

WorkerSummary Summarize(const HeldWorker& worker) {
  return {worker.request.name, PlaceOf(worker.partitions), worker.life.phase, worker.layers,
          worker.life.starts};
}

Launched DescribeLaunched(const HeldWorker& worker) {
  return {worker.request.name, worker.life.starts, PlaceOf(worker.partitions), worker.layers};
}

Ended DescribeEnded(const HeldWorker& worker, const Report& report, TimePoint now) {
  Ended ended{worker.request.name, worker.life.starts, report.phase, report.end, report.error, {}};
  if (report.phase == Phase::kBackingOff) {
    ended.next_start = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(worker.life.deadline - now, TimePoint(0)));
  }
  return ended;
}

std::string Describe(const Place& place) {
  std::string text = fmt::format("{} ({}", place.partition_id, place.profile);
  if (place.start) text += fmt::format(" at {}", *place.start);
  if (!place.cores.empty()) text += " beside " + place.cores;
  if (place.simulated) text += "; the GPU is simulated, the worker runs on its cores alone";
  return text + ")";
}

std::string Describe(const Report& report) {
  std::string text;
  if (report.end) text = isolation::Describe(*report.end) + ", ";
  if (report.error) text = report.error->detail + "; ";
  return text + std::string(PhaseName(report.phase));
}

}  // namespace bulkhead::node
