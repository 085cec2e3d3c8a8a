// SPDX-License-Identifier: Apache-2.0
// A node from its start to its clean end.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "node/supervisor.h"

namespace bulkhead::node {

// Removes what an earlier node left, makes sure that every required layer of isolation works, and
// serves the socket until it is told to stop (Supervise). Nothing is left after that. Blocks.
//
// The caller holds the state folder from which the driver has its owner's name.
//
// Recorded before a worker is started, with the layers that work and the devices.
//
// kUnavailable: it cannot be recorded; required layers do not work; the detail names each with the
// way out, a line each. Otherwise as IsolationDriver::Sweep, ListenForControl and Supervise.
base::Status RunNode(const std::filesystem::path& socket, const SupervisorParts& parts,
                     const SupervisorOptions& options, int stop);

}  // namespace bulkhead::node
