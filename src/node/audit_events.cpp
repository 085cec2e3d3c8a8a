// SPDX-License-Identifier: Apache-2.0
#include "node/audit_events.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/tier.h"
#include "node/launch_plan.h"

namespace bulkhead::node {
namespace {

using audit::Annotation;
using audit::EventKind;
using audit::Stage;

template <typename Names>
std::string Joined(const Names& names) {
  return fmt::format("{}", fmt::join(names, ","));
}

// Short, as the list of all is longer than a label may be.
std::string Names(const isolation::LayerSet& layers) {
  std::vector<std::string_view> has;
  std::vector<std::string_view> lacks;
  for (const isolation::Layer layer : isolation::LayerSet::All().List()) {
    (layers.Has(layer) ? has : lacks).push_back(isolation::LayerName(layer));
  }
  if (lacks.empty()) return "all";
  return lacks.size() < has.size() ? "all but " + Joined(lacks) : Joined(has);
}

uint16_t StatusOf(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid:
    case base::Code::kUnsupported:
      return 400;
    case base::Code::kDenied:
      return 403;
    case base::Code::kNotFound:
      return 404;
    case base::Code::kConflict:
      return 409;
    default:
      return 503;
  }
}

audit::Event OfWorker(EventKind kind, const Launch& request, const audit::Label& audit_id) {
  audit::Event event;
  event.kind = kind;
  event.audit_id = audit_id;
  event.object_name = request.name;
  event.annotations[Annotation::kProfile] = request.profile;
  return event;
}

struct Instance {
  std::string text;
  bool ours = false;
  std::string held_by;
};

// By GPU and number.
std::map<std::pair<std::string, int>, Instance> InstancesOf(
    const std::vector<device::Device>& devices) {
  std::map<std::pair<std::string, int>, Instance> found;
  for (const device::Device& device : devices) {
    if (!device.gpu) continue;
    const device::Gpu& gpu = device.gpu->gpu;
    for (std::size_t at = 0; at < gpu.instances.size(); ++at) {
      const device::GpuInstance& instance = gpu.instances[at];
      const auto& profile = gpu.model.profiles[static_cast<std::size_t>(instance.profile)];
      const bool known = at < device.gpu->holders.size();
      found[{device.id, instance.id}] = {
          fmt::format("{} instance {} at {}", profile.name, instance.id, instance.start),
          known && device.gpu->holders[at].ours, known ? device.gpu->holders[at].partition_id : ""};
    }
  }
  return found;
}

audit::Event OfInstance(const std::string& device, const Instance& instance,
                        std::string_view decision) {
  audit::Event event;
  event.kind = EventKind::kPartitionChange;
  event.object_name = instance.text;
  event.annotations = {{Annotation::kDevice, device}, {Annotation::kDecision, decision}};
  return event;
}

}  // namespace

audit::Event LaunchBegins(const Launch& request, const audit::Label& audit_id) {
  audit::Event event = OfWorker(EventKind::kWorkerStart, request, audit_id);
  event.stage = Stage::kRequestReceived;
  if (!request.optional_layers.empty()) {
    event.annotations[Annotation::kReason] = "may do without " + Names(request.optional_layers);
  }
  return event;
}

audit::Event LaunchRefused(const Launch& request, const audit::Label& audit_id,
                           const base::Error& error) {
  audit::Event event = OfWorker(EventKind::kWorkerStart, request, audit_id);
  event.status = StatusOf(error);
  event.reason = error.detail;
  event.annotations[Annotation::kDecision] = "refused";
  return event;
}

audit::Event StartBegins(const HeldWorker& worker) {
  audit::Event event = OfWorker(EventKind::kWorkerStart, worker.request, worker.audit_id);
  event.stage = Stage::kRequestReceived;
  event.annotations[Annotation::kPartition] = Describe(PlaceOf(worker.partitions));
  event.annotations[Annotation::kAmount] = fmt::format("start {}", worker.life.starts + 1);
  return event;
}

audit::Event WorkerStarted(const HeldWorker& worker) {
  audit::Event event = OfWorker(EventKind::kWorkerStart, worker.request, worker.audit_id);
  const Place place = PlaceOf(worker.partitions);
  event.status = 200;
  event.annotations[Annotation::kPartition] = Describe(place);
  event.annotations[Annotation::kDevice] = place.device_id;
  event.annotations[Annotation::kIsolationTier] = std::string(device::TierName(place.tier));
  event.annotations[Annotation::kIsolationLayers] = Names(worker.layers);
  return event;
}

audit::Event WorkerStartFailed(const HeldWorker& worker, const base::Error& error) {
  audit::Event event = LaunchRefused(worker.request, worker.audit_id, error);
  event.annotations[Annotation::kDecision] = "failed";
  return event;
}

audit::Event WorkerEnded(const HeldWorker& worker, const isolation::End& end) {
  const bool violated = end.reason == isolation::EndReason::kViolated;
  audit::Event event;
  event.kind = violated ? EventKind::kWorkerViolate : EventKind::kWorkerExit;
  event.object_name = worker.request.name;
  event.reason = isolation::Describe(end);
  event.annotations[Annotation::kPartition] = worker.partitions.named().id;
  if (end.reason == isolation::EndReason::kFinished) {
    event.annotations[Annotation::kExitStatus] = std::to_string(end.exit_status);
  }
  if (end.reason == isolation::EndReason::kCrashed) {
    event.annotations[Annotation::kSignal] = std::to_string(end.signal);
  }
  if (violated && end.syscall_number >= 0) {
    event.annotations[Annotation::kSystemCall] = std::to_string(end.syscall_number);
  }
  return event;
}

audit::Event SweptAway(std::string_view name) {
  audit::Event event;
  event.kind = EventKind::kWorkerExit;
  event.object_name = name;
  event.reason = "left by an earlier node, and removed";
  return event;
}

audit::Event Cleared(const std::string& worker, const device::Partition& partition,
                     std::string_view when) {
  audit::Event event;
  event.kind = EventKind::kPartitionScrub;
  event.object_name = partition.id;
  event.status = 200;
  event.annotations = {
      {Annotation::kDevice, partition.device_id},
      {Annotation::kProfile, partition.profile},
      {Annotation::kWorker, worker},
      {Annotation::kReceipt, fmt::format("cleared {} (generation {}{})", when, partition.generation,
                                         partition.simulated ? "; simulated" : "")}};
  return event;
}

audit::Event KeptOutOfUse(const std::string& worker, const std::string& what) {
  audit::Event event;
  event.kind = EventKind::kPartitionScrub;
  event.status = 503;
  event.reason = what;
  event.annotations[Annotation::kWorker] = worker;
  return event;
}

std::vector<audit::Event> InstanceChanges(const std::vector<device::Device>& before,
                                          const std::vector<device::Device>& after) {
  const auto was = InstancesOf(before);
  const auto is = InstancesOf(after);
  std::vector<audit::Event> events;
  for (const auto& [place, instance] : was) {
    if (!is.contains(place)) events.push_back(OfInstance(place.first, instance, "destroyed"));
  }
  for (const auto& [place, instance] : is) {
    const auto found = was.find(place);
    if (found == was.end()) {
      events.push_back(OfInstance(place.first, instance, "made"));
    } else if (found->second.held_by.empty() && !instance.held_by.empty()) {
      events.push_back(OfInstance(place.first, instance, "adopted"));
    }
  }
  return events;
}

std::vector<audit::Event> Adopted(const std::vector<device::Device>& devices) {
  std::vector<audit::Event> events;
  for (const auto& [place, instance] : InstancesOf(devices)) {
    if (instance.ours) events.push_back(OfInstance(place.first, instance, "found as ours"));
  }
  return events;
}

audit::Event NodeStarts(const NodeAtStart& node) {
  isolation::LayerSet works;
  for (const isolation::LayerState& state : node.layers) {
    if (state.works) works.Add(state.layer);
  }
  audit::Event event;
  event.kind = EventKind::kNodeStart;
  event.annotations = {{Annotation::kVersion, node.program},
                       {Annotation::kIsolationLayers, Names(works)},
                       {Annotation::kDevice, Joined(node.devices)}};
  return event;
}

audit::Event NodeStops(const base::Status& served) {
  audit::Event event;
  event.kind = EventKind::kNodeStop;
  event.reason = served.ok() ? "it was told to stop" : served.error().detail;
  return event;
}

}  // namespace bulkhead::node
