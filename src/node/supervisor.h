// SPDX-License-Identifier: Apache-2.0
// The node's one loop: clients, workers and time, one thing at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "compartment/worker_program.h"
#include "isolation/isolation_driver.h"
#include "node/fleet.h"

namespace bulkhead::node {

constexpr std::size_t kClientsMax = 16;

struct SupervisorParts {
  NodeDevices devices;
  isolation::IsolationDriver& isolation;
  const compartment::WorkerProgram& program;
  Log log;
  SealingParts sealing;
};

struct SupervisorOptions {
  std::string program;  // Welcome::program
  FleetRules rules;
  uint64_t seed = 0;  // of the chance in waits
  // Starts with the layers that the machine gives, below the policy of `rules`, and says so loudly.
  bool allow_weak_isolation = false;
};

// Serves `listener` (control_socket.h) until it is told to stop. Blocks.
//
// `stop` is a descriptor of which every read is one request to stop, as a signalfd or an eventfd
// is. After the first no client and no worker is taken on, and every worker drains; after the
// second every worker is killed. Returns when none is left.
//
// A client's workers are its own: when its connection ends they are killed. Their frames sockets
// ended with it, and nobody holds a model that nobody wants served. A client that breaks the
// protocol or does not read what it is told loses its connection. Orders may come from any client.
//
// Errors: the loop itself cannot go on (base::ErrnoError); no worker is left then either.
base::Status Supervise(base::UniqueFd listener, const SupervisorParts& parts,
                       const SupervisorOptions& options, int stop);

}  // namespace bulkhead::node
