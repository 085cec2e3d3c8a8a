// SPDX-License-Identifier: Apache-2.0
#include "fleet/deployment_state.h"

namespace bulkhead::fleet {

std::string_view DeploymentPhaseName(DeploymentPhase phase) {
  switch (phase) {
    case DeploymentPhase::kStarting:
      return "STARTING";
    case DeploymentPhase::kReady:
      return "READY";
    case DeploymentPhase::kFailed:
      return "FAILED";
    case DeploymentPhase::kUnloaded:
      return "UNLOADED";
  }
  return "unknown";
}

std::string_view WorkerPhaseName(WorkerPhase phase) {
  switch (phase) {
    case WorkerPhase::kStarting:
      return "starting";
    case WorkerPhase::kReady:
      return "ready";
    case WorkerPhase::kDraining:
      return "draining";
    case WorkerPhase::kBackingOff:
      return "backing off";
    case WorkerPhase::kFailed:
      return "failed";
  }
  return "unknown";
}

}  // namespace bulkhead::fleet
