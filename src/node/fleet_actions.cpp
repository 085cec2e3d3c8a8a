// SPDX-License-Identifier: Apache-2.0
// What a fleet does with one worker's process.
#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/monotonic_clock.h"
#include "node/fleet.h"
#include "node/worker_log.h"

namespace bulkhead::node {
namespace {

// The process may be ending already, which closes the pipe a moment before that can be seen.
constexpr std::chrono::seconds kStatusLostAfter{1};

// Loading, ready, and how it failed; a worker that sends more wants to keep us busy.
constexpr int kStatusRecordsMax = 8;

// Of a worker that has one: the lifecycle asks for nothing else.
compartment::Worker& ProcessOf(HeldWorker& worker) {
  BH_CHECK(worker.process.has_value());
  return *worker.process;
}

}  // namespace

void Fleet::Feed(HeldWorker& worker, const Event& event, TimePoint now) {
  std::deque<Event> events{event};
  while (!events.empty()) {
    const std::vector<Action> actions =
        Advance(worker.rules, events.front(), now, random_, worker.life);
    events.pop_front();
    for (const Action& action : actions) {
      auto answer = std::visit([&](const auto& one) { return Do(worker, one, now); }, action);
      if (answer) events.push_back(std::move(*answer));
    }
    // Nobody waits for a model that nobody wants.
    if (worker.unsealing && worker.life.phase == Phase::kStopping) {
      worker.unsealing.reset();
      events.push_back(
          StartFailed{base::OperatorError(base::Code::kConflict, "ended before it began")});
    }
  }
}

std::optional<Event> Fleet::Do(HeldWorker& worker, const StartWorker& /*start*/, TimePoint now) {
  worker.unsealing = ++last_unsealing_;
  worker.unsealing_until = now + rules_.unseal_timeout;
  const int64_t memory = std::max<int64_t>(worker.partitions.cores.memory_bytes, 0);
  UnsealOrder order{worker.model.name, static_cast<uint64_t>(memory), worker.request.name};
  parts_.unseal(
      std::move(order), worker.model.file,
      [this, id = worker.id, unsealing = last_unsealing_](base::Result<UnsealedModel> model) {
        HearUnsealed(id, unsealing, std::move(model));
      });
  return std::nullopt;
}

void Fleet::HearUnsealed(WorkerId id, uint64_t unsealing, base::Result<UnsealedModel> model) {
  const auto found =
      std::ranges::find_if(workers_, [&](const auto& entry) { return entry.second.id == id; });
  // It was given up on.
  if (found == workers_.end() || found->second.unsealing != unsealing) return;
  HeldWorker& worker = found->second;
  const TimePoint now = base::MonotonicNow();
  if (!model.ok()) {
    GiveUpUnsealing(worker, std::move(model).error(), now);
  } else {
    worker.unsealing.reset();
    worker.weights = std::move(model).value();
    base::Status started = Start(worker);
    if (!started.ok()) worker.weights.reset();
    Feed(worker,
         started.ok() ? Event(Started{}) : Event(StartFailed{std::move(started).error(), false}),
         now);
  }
  RemoveEnded();
}

void Fleet::GiveUpUnsealing(HeldWorker& worker, base::Error error, TimePoint now) {
  worker.unsealing.reset();
  const bool passes = error.code == base::Code::kUnavailable;
  Feed(worker, StartFailed{std::move(error), passes}, now);
}

base::Status Fleet::Start(HeldWorker& worker) {
  compartment::WorkerSpec spec;
  spec.name = worker.request.name;
  spec.setup = worker.model.setup;
  spec.weights = worker.weights->memfd.get();
  spec.partition = PartitionForWorker(worker.partitions);
  spec.policy.optional = worker.request.optional_layers;
  BH_ASSIGN(worker.process, compartment::StartWorker(parts_.isolation, parts_.program, spec));
  worker.status_records = 0;
  worker.layers = ProcessOf(worker).compartment.layers;
  const compartment::Worker& process = ProcessOf(worker);
  base::Status watched = parts_.poller.Watch(process.status.get(), {Source::kStatus, worker.id});
  if (watched.ok()) {
    watched = parts_.poller.Watch(process.log.get(), {Source::kLog, worker.id});
  }
  if (watched.ok()) {
    watched = parts_.poller.Watch(process.compartment.process.get(), {Source::kProcess, worker.id});
  }
  if (!watched.ok()) End(worker, isolation::Cause::kKilled);
  return watched;
}

std::optional<Event> Fleet::Do(HeldWorker& worker, const KillWorker& kill, TimePoint /*now*/) {
  return ProcessEnded{End(worker, kill.cause)};
}

isolation::End Fleet::End(HeldWorker& worker, isolation::Cause cause) {
  compartment::Worker process = std::move(ProcessOf(worker));
  worker.process.reset();
  worker.weights.reset();
  worker.status_lost_at.reset();
  worker.log_resumes_at.reset();
  for (const base::UniqueFd* fd : {&process.compartment.process, &process.status, &process.log}) {
    parts_.poller.Forget(fd->get());
  }
  base::UniqueFd log = std::move(process.log);
  const auto end = compartment::EndWorker(parts_.isolation, std::move(process), cause);
  // What it wrote last is why it ended.
  compartment::Worker remains;
  remains.log = std::move(log);
  WriteLog(worker.request.name, remains);
  if (end.ok()) return end.value();
  Say(worker, end.error().detail);
  return isolation::End{};
}

std::optional<Event> Fleet::Do(HeldWorker& worker, const DrainWorker& /*drain*/,
                               TimePoint /*now*/) {
  // The client's own end of the frames socket, which it shares with us: to the worker this is a
  // client that has said all it wants, and answers are still taken.
  ::shutdown(ProcessOf(worker).frames.get(), SHUT_WR);
  return std::nullopt;
}

std::optional<Event> Fleet::Do(HeldWorker& worker, const ReleasePartition& /*release*/,
                               TimePoint /*now*/) {
  Release(worker.request.name, worker.partitions);
  return std::nullopt;
}

void Fleet::Release(const std::string& name, const HeldPartitions& partitions) {
  for (const std::string& line : GiveBack(parts_.devices, partitions)) {
    parts_.log(fmt::format("{}: {}", name, line));
  }
}

std::optional<Event> Fleet::Do(HeldWorker& worker, const Report& report, TimePoint now) {
  Say(worker, Describe(report));
  switch (report.phase) {
    case Phase::kReady:
      worker.weights.reset();
      parts_.tell(worker.client, DescribeLaunched(worker), ProcessOf(worker).frames.get());
      break;
    case Phase::kBackingOff:
    case Phase::kFailed:
    case Phase::kEnded:
      parts_.tell(worker.client, DescribeEnded(worker, report, now), -1);
      break;
    default:
      break;
  }
  return std::nullopt;
}

void Fleet::HearStatus(HeldWorker& worker, TimePoint now) {
  auto record = compartment::ReadStatus(ProcessOf(worker));
  if (record.ok() && ++worker.status_records > kStatusRecordsMax) {
    record = base::OperatorError(base::Code::kCorrupt, "the worker sent too many status records");
  }
  if (record.ok()) {
    const std::optional<channel::StatusRecord> came = record.value();
    if (came) Feed(worker, StatusCame{*came}, now);
    return;
  }
  parts_.poller.Forget(ProcessOf(worker).status.get());
  if (record.error().code == base::Code::kUnavailable) {
    worker.status_lost_at = now + kStatusLostAfter;
  } else {
    Say(worker, record.error().detail);
    Feed(worker, StatusLost{}, now);
  }
}

void Fleet::HearEnd(HeldWorker& worker, TimePoint now) {
  // All of what it said before it ended.
  while (worker.process) {
    const auto record = compartment::ReadStatus(ProcessOf(worker));
    if (!record.ok()) break;
    const std::optional<channel::StatusRecord> came = record.value();
    if (!came) break;
    Feed(worker, StatusCame{*came}, now);
  }
  if (!worker.process) return;
  Feed(worker, ProcessEnded{End(worker, isolation::Cause::kKilled)}, now);
}

void Fleet::HearLog(HeldWorker& worker, TimePoint now) {
  parts_.poller.Forget(ProcessOf(worker).log.get());
  if (WriteLog(worker.request.name, ProcessOf(worker))) worker.log_resumes_at = now + kLogPause;
}

bool Fleet::WriteLog(const std::string& name, compartment::Worker& process) const {
  const std::string text = compartment::ReadLog(process);
  for (const std::string& line : LogLines(text)) parts_.log(fmt::format("{} | {}", name, line));
  return !text.empty();
}

}  // namespace bulkhead::node
