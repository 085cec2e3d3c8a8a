// SPDX-License-Identifier: Apache-2.0
#include "node/fleet.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "node/launch_plan.h"
#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

// The layers that `asked` has and `allowed` has not.
base::Status CheckOptional(const isolation::LayerSet& asked, const isolation::LayerSet& allowed) {
  for (const isolation::Layer layer : asked.List()) {
    if (allowed.Has(layer)) continue;
    return OperatorError(Code::kDenied, fmt::format("the policy of this node requires the layer {}",
                                                    isolation::LayerName(layer)));
  }
  return base::Ok();
}

}  // namespace

Fleet::Fleet(FleetParts parts, const FleetRules& rules, uint64_t seed)
    : parts_(std::move(parts)), rules_(rules), random_(seed) {}

base::Status Fleet::Launch(ClientId client, const node::Launch& request,
                           std::vector<base::UniqueFd> descriptors) {
  if (workers_.contains(request.name)) {
    return OperatorError(Code::kConflict, "there is a worker named " + request.name);
  }
  BH_TRY(CheckOptional(request.optional_layers, rules_.optional_layers));
  BH_ASSIGN(PartitionsWanted wanted, PlanPartitions(request, parts_.devices));
  if (wanted.gpu) {
    BH_ASSIGN(const std::vector<device::Device> gpus, parts_.devices.gpus->List());
    BH_ASSIGN(wanted.gpu, placement_.Place(gpus, *std::move(wanted.gpu)));
  }
  BH_ASSIGN(const HeldPartitions partitions, TakePartitions(parts_.devices, wanted));
  base::Result<HeldWorker> taken = Take(request, std::move(descriptors), partitions);
  if (!taken.ok()) {
    Release(request.name, partitions);
    return std::move(taken).error();
  }
  taken.value().client = client;
  Say(taken.value(), "launched on " + Describe(PlaceOf(partitions)));
  workers_.emplace(request.name, std::move(taken).value());
  return base::Ok();
}

base::Result<HeldWorker> Fleet::Take(const node::Launch& request,
                                     std::vector<base::UniqueFd> descriptors,
                                     HeldPartitions partitions) {
  BH_CHECK(descriptors.size() == 2);
  BH_ASSIGN(SealedModel model,
            TakeSealedModel(request.model, std::move(descriptors[0]), descriptors[1]));
  const LifecycleRules rules{request.start_timeout, request.drain_timeout, request.restart, true,
                             rules_.backoff};
  HeldWorker worker;
  worker.id = ++last_id_;
  worker.request = request;
  worker.rules = rules;
  worker.partitions = std::move(partitions);
  worker.model = std::move(model);
  return worker;
}

Listing Fleet::Answer(const List& request) const {
  Listing listing{request.id, {}, false};
  for (auto next = workers_.upper_bound(request.after); next != workers_.end(); ++next) {
    if (listing.workers.size() == kWorkersPerListing) {
      listing.more = true;
      break;
    }
    listing.workers.push_back(Summarize(next->second));
  }
  return listing;
}

std::string Fleet::WorkerOn(const std::string& partition_id) const {
  const auto found = std::ranges::find_if(workers_, [&](const auto& entry) {
    const auto& gpu = entry.second.partitions.gpu;
    return gpu && gpu->id == partition_id;
  });
  return found == workers_.end() ? std::string() : found->first;
}

void Fleet::Obey(const WorkerOrder& order, TimePoint now) {
  const auto found = workers_.find(order.name);
  if (found == workers_.end()) return;
  switch (order.order) {
    case Order::kDrain:
      Feed(found->second, DrainAsked{}, now);
      break;
    case Order::kDestroy:
      Feed(found->second, DestroyAsked{}, now);
      break;
    case Order::kRestart:
      Feed(found->second, RestartAsked{}, now);
      break;
  }
  RemoveEnded();
}

void Fleet::DestroyAllOf(ClientId client, TimePoint now) {
  for (auto& [name, worker] : workers_) {
    if (worker.client == client) Feed(worker, DestroyAsked{}, now);
  }
  RemoveEnded();
}

void Fleet::DestroyAllOfTenant(const std::string& tenant, TimePoint now) {
  for (auto& [name, worker] : workers_) {
    if (worker.model.name.tenant == tenant) Feed(worker, DestroyAsked{}, now);
  }
  RemoveEnded();
}

void Fleet::DrainAll(TimePoint now) { FeedAll(DrainAsked{}, now); }

void Fleet::DestroyAll(TimePoint now) { FeedAll(DestroyAsked{}, now); }

void Fleet::FeedAll(const Event& event, TimePoint now) {
  for (auto& [name, worker] : workers_) Feed(worker, event, now);
  RemoveEnded();
}

void Fleet::Hear(Key key, TimePoint now) {
  const auto found =
      std::ranges::find_if(workers_, [&](const auto& entry) { return entry.second.id == key.id; });
  if (found == workers_.end() || !found->second.process) return;
  switch (key.source) {
    case Source::kStatus:
      HearStatus(found->second, now);
      break;
    case Source::kProcess:
      HearEnd(found->second, now);
      break;
    case Source::kLog:
      HearLog(found->second, now);
      break;
    default:
      break;
  }
  RemoveEnded();
}

void Fleet::Tick(TimePoint now) {
  for (auto& [name, worker] : workers_) {
    if (worker.status_lost_at && *worker.status_lost_at <= now) {
      worker.status_lost_at.reset();
      Feed(worker, StatusLost{}, now);
    }
    if (worker.log_resumes_at && *worker.log_resumes_at <= now) {
      worker.log_resumes_at.reset();
      // Without it its lines are told when it ends.
      if (worker.process) {
        static_cast<void>(
            parts_.poller.Watch(worker.process->log.get(), {Source::kLog, worker.id}));
      }
    }
    if (worker.unsealing && worker.unsealing_until <= now) {
      GiveUpUnsealing(worker,
                      OperatorError(Code::kUnavailable,
                                    "the model was not unsealed in time: the key provider does "
                                    "not answer, or is slow"),
                      now);
    }
    Feed(worker, node::Tick{}, now);
  }
  RemoveEnded();
}

std::optional<TimePoint> Fleet::Due() const {
  std::optional<TimePoint> due;
  for (const auto& [name, worker] : workers_) {
    const auto one = node::Due(worker);
    if (one) due = std::min(due.value_or(*one), *one);
  }
  return due;
}

void Fleet::RemoveEnded() {
  std::erase_if(workers_,
                [](const auto& entry) { return entry.second.life.phase == Phase::kEnded; });
}

void Fleet::Say(const HeldWorker& worker, std::string_view what) const {
  parts_.log(fmt::format("{}: {}", worker.request.name, what));
}

}  // namespace bulkhead::node
