// SPDX-License-Identifier: Apache-2.0
// What happens to workers, partitions and the node, as events of the audit log; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/event.h"
#include "base/result.h"
#include "device/device_backend.h"
#include "isolation/end.h"
#include "isolation/layer.h"
#include "node/held_worker.h"
#include "node/messages.h"

namespace bulkhead::node {

// Before anything is done for a launch, and what a launch that was refused came to.
audit::Event LaunchBegins(const Launch& request, const audit::Label& audit_id);
audit::Event LaunchRefused(const Launch& request, const audit::Label& audit_id,
                           const base::Error& error);

// Before a worker is started again.
audit::Event StartBegins(const HeldWorker& worker);
// It runs: where, at which tier, within which layers.
audit::Event WorkerStarted(const HeldWorker& worker);
audit::Event WorkerStartFailed(const HeldWorker& worker, const base::Error& error);
// worker-violate where it was a forbidden system call.
audit::Event WorkerEnded(const HeldWorker& worker, const isolation::End& end);
audit::Event SweptAway(std::string_view name);

// A partition was cleared: the receipt for it, before and after use.
audit::Event Cleared(const std::string& worker, const device::Partition& partition,
                     std::string_view when);
// It could not be cleared or given back, and stays out of use.
audit::Event KeptOutOfUse(const std::string& worker, const std::string& what);

// Instances of GPUs that are there and were not, and the other way round; of ours that nobody held
// and somebody holds now.
std::vector<audit::Event> InstanceChanges(const std::vector<device::Device>& before,
                                          const std::vector<device::Device>& after);
// Instances that an earlier node made and this one found.
std::vector<audit::Event> Adopted(const std::vector<device::Device>& devices);

struct NodeAtStart {
  std::string program;
  std::vector<isolation::LayerState> layers;
  std::vector<std::string> devices;
};
audit::Event NodeStarts(const NodeAtStart& node);
audit::Event NodeStops(const base::Status& served);

}  // namespace bulkhead::node
