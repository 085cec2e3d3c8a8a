// SPDX-License-Identifier: Apache-2.0
// The gateway's side of all workers: makes what is deployed run, and finds a worker for each frame.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "async/cancel_token.h"
#include "async/task.h"
#include "base/result.h"
#include "channel/messages.h"
#include "fleet/deployment_state.h"
#include "fleet/fleet_parts.h"
#include "fleet/node_link.h"
#include "fleet/route.h"
#include "tenant/records.h"

namespace bulkhead::fleet {

// Lives on the I/O thread.
//
// A new version, or another profile, of a deployment starts beside the old one. Traffic moves when
// all of its replicas are ready; then the old one answers what it has and is ended. One that fails
// before that (its start is refused or fails, it ends, it is too late, its partition's tier is not
// allowed) is ended, and the old one goes on. Where there is no old one, it is tried again.
//
// Workers that end are started again: by the node as long as it does, then from here. One that made
// a forbidden system call is not started again before Set or TryAgain.
class Fleet {
 public:
  Fleet(FleetParts parts, const FleetRules& rules);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  // What shall run from now on; whatever is not named here is drained and ended. Ids are unique,
  // and so are tenant and model together. A deployment that failed is only tried again by this when
  // its version, profile or tiers changed.
  void Set(const std::vector<DesiredDeployment>& desired);
  // At once, what failed. Nothing happens to another one.
  void TryAgain(const tenant::DeploymentId& id);

  // What a NodeLink says.
  void Hear(NodeEvent event);

  // A place at the ready worker with the least to do; waits its turn when all are full.
  //
  // kNotFound: no such deployment or version; the same for another tenant's. kUnavailable: none of
  // its workers is ready. kExhausted: too many wait already. kDeadline: the time was up before a
  // worker had room, or the call was cancelled.
  async::Task<base::Result<Lease>> Route(RouteRequest request, async::CancelToken cancel);

  // The same as far as it needs no waiting; nullopt: all are full, and Route waits.
  base::Result<std::optional<Lease>> RouteNow(const RouteRequest& request);

  // What the serving version's workers said of it. kNotFound, kUnavailable: as Route. Valid until
  // control returns to the event loop.
  [[nodiscard]] base::Result<const channel::Hello*> Describe(
      const tenant::TenantId& tenant, const tenant::ModelName& model,
      std::optional<tenant::Version> version) const;

  // In the order of their ids.
  [[nodiscard]] std::vector<DeploymentState> Deployments() const;
  // nullopt: no such deployment.
  [[nodiscard]] std::optional<DeploymentState> Find(const tenant::TenantId& tenant,
                                                    const tenant::ModelName& model) const;
  // In the order of their deployments.
  [[nodiscard]] std::vector<WorkerState> Workers() const;
  // Since the start.
  [[nodiscard]] const WorkerEnds& ends() const;
  // Of the node that was connected last.
  [[nodiscard]] const node::NodeGpus& gpus() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace bulkhead::fleet
