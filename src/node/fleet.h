// SPDX-License-Identifier: Apache-2.0
// The workers of one node: does what each one's lifecycle says, and tells clients what came of it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "compartment/worker_program.h"
#include "isolation/isolation_driver.h"
#include "node/gpu_placement.h"
#include "node/held_worker.h"
#include "node/messages.h"
#include "node/poller.h"

namespace bulkhead::node {

// One line, without its end. A worker's own lines come with its name and "|".
using Log = std::function<void(std::string_view line)>;

// Sends to a client, if it is still there, with a descriptor that stays the caller's; -1: none.
using Tell = std::function<void(ClientId client, const Reply& reply, int descriptor)>;

// Gives what came of it later, on the fleet's thread.
using Unseal = std::function<void(UnsealOrder order, std::shared_ptr<base::UniqueFd> file,
                                  std::function<void(base::Result<UnsealedModel>)> done)>;

struct FleetRules {
  // What a launch may name as optional.
  isolation::LayerSet optional_layers;
  BackoffPolicy backoff;
  // A start whose model is not unsealed by then fails, and is tried again later.
  std::chrono::milliseconds unseal_timeout{60'000};
};

struct FleetParts {
  NodeDevices devices;
  isolation::IsolationDriver& isolation;
  const compartment::WorkerProgram& program;
  Poller& poller;  // watches the workers' descriptors
  Log log;
  Tell tell;
  Unseal unseal;
};

// One thread at a time, and always the same one (IsolationDriver). Blocks while processes start and
// end: milliseconds each. All workers must have ended before it is destroyed.
class Fleet {
 public:
  Fleet(FleetParts parts, const FleetRules& rules, uint64_t seed);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Takes on a worker, which the next Tick starts. `descriptors`: its model and its setup.
  //
  // kConflict: the name is in use. kDenied: a layer is to be optional that this node requires.
  // Otherwise as PlanPartitions, GpuPlacement::Place, TakePartitions and TakeSealedModel.
  base::Status Launch(ClientId client, const Launch& request,
                      std::vector<base::UniqueFd> descriptors);

  [[nodiscard]] bool Has(const std::string& name) const { return workers_.contains(name); }
  [[nodiscard]] bool empty() const { return workers_.empty(); }
  [[nodiscard]] Listing Answer(const List& request) const;
  // The name of the worker on that partition of a GPU; empty: none.
  [[nodiscard]] std::string WorkerOn(const std::string& partition_id) const;

  // Nothing happens to one that is not there.
  void Obey(const WorkerOrder& order, TimePoint now);
  void DestroyAllOf(ClientId client, TimePoint now);
  // Whoever launched them.
  void DestroyAllOfTenant(const std::string& tenant, TimePoint now);
  void DrainAll(TimePoint now);
  void DestroyAll(TimePoint now);

  // One of its descriptors has something to say.
  void Hear(Key key, TimePoint now);

  // What is due is done.
  void Tick(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> Due() const;

 private:
  base::Result<HeldWorker> Take(const node::Launch& request,
                                std::vector<base::UniqueFd> descriptors, HeldPartitions partitions);
  void FeedAll(const Event& event, TimePoint now);
  void Feed(HeldWorker& worker, const Event& event, TimePoint now);
  std::optional<Event> Do(HeldWorker& worker, const StartWorker& start, TimePoint now);
  std::optional<Event> Do(HeldWorker& worker, const KillWorker& kill, TimePoint now);
  std::optional<Event> Do(HeldWorker& worker, const DrainWorker& drain, TimePoint now);
  std::optional<Event> Do(HeldWorker& worker, const ReleasePartition& release, TimePoint now);
  std::optional<Event> Do(HeldWorker& worker, const Report& report, TimePoint now);

  void HearUnsealed(WorkerId id, uint64_t unsealing, base::Result<UnsealedModel> model);
  void GiveUpUnsealing(HeldWorker& worker, base::Error error, TimePoint now);
  base::Status Start(HeldWorker& worker);
  isolation::End End(HeldWorker& worker, isolation::Cause cause);
  void HearStatus(HeldWorker& worker, TimePoint now);
  void HearEnd(HeldWorker& worker, TimePoint now);
  void HearLog(HeldWorker& worker, TimePoint now);
  // False: there was nothing, so it is closed.
  bool WriteLog(const std::string& name, compartment::Worker& process) const;
  void Release(const std::string& name, const HeldPartitions& partitions);
  void RemoveEnded();
  void Say(const HeldWorker& worker, std::string_view what) const;

  FleetParts parts_;
  FleetRules rules_;
  std::mt19937_64 random_;
  GpuPlacement placement_;
  WorkerId last_id_ = 0;
  uint64_t last_unsealing_ = 0;
  std::map<std::string, HeldWorker> workers_;
};

}  // namespace bulkhead::node
