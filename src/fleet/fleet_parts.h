// SPDX-License-Identifier: Apache-2.0
// What the gateway's workers are made with.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "fleet/node_link.h"
#include "isolation/end.h"
#include "isolation/layer.h"
#include "tenant/records.h"

namespace bulkhead::fleet {

struct FleetRules {
  // Of every worker (channel::Setup).
  int batch_max = 1;
  std::chrono::microseconds batch_wait{2000};
  int frames_in_flight_max = 16;
  // Layers that may be missing, where the node's own policy has them too.
  isolation::LayerSet optional_layers;
  std::chrono::milliseconds start_timeout{120'000};
  // From a worker that says it is ready to its Hello, and from a socket that it closed to its end.
  std::chrono::milliseconds hello_timeout{10'000};
  // A worker that is replaced may answer what it has for this long.
  std::chrono::milliseconds drain_timeout{30'000};
  // Between attempts at what should serve and does not: the first, doubled up to the last.
  std::chrono::milliseconds retry_first{1'000};
  std::chrono::milliseconds retry_last{60'000};
  // Calls that wait for a worker with room, for each replica of their deployment.
  std::size_t waiting_per_replica_max = 64;
};

struct FleetParts {
  boost::asio::io_context& io;
  // The sealed file of a model version.
  std::function<async::Task<base::Result<base::UniqueFd>>(tenant::TenantId, tenant::ModelName,
                                                          tenant::Version)>
      open_model;
  std::function<void(NodeCommand)> send;      // NodeLink::Send
  std::function<void(std::string_view)> log;  // a line for the operator, without its end
};

// Workers that ended without being asked to, by whose they were and how they ended.
using WorkerEnds =
    std::map<std::tuple<tenant::TenantId, tenant::ModelName, isolation::EndReason>, uint64_t>;

// What replicas share with their fleet.
struct FleetContext {
  FleetParts parts;
  FleetRules rules;
  // Something changed that the fleet looks at: it does so from the event loop, soon.
  std::function<void()> settle_soon;
  bool node_up = false;
  node::NodeGpus gpus;       // of the node that was up last
  uint64_t last_worker = 0;  // for names that are never used again
  WorkerEnds ends;
};

}  // namespace bulkhead::fleet
