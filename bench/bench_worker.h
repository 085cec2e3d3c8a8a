// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "channel/blocking_client.h"
#include "compartment/worker.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::bench {

// What starting workers takes, once per run. Throws when this machine cannot isolate.
struct Compartments {
  std::unique_ptr<isolation::IsolationDriver> driver;
  compartment::WorkerProgram program;
};
Compartments OpenCompartments();

// A model as a worker takes it: in memory of its own, which the worker wipes. Throws.
base::UniqueFd WeightsOf(std::span<const std::byte> model);

struct BenchWorkerOptions {
  std::string name;
  std::vector<int> cpus;
  int threads = 1;
  int64_t memory_bytes = int64_t{2} << 30;
};

// A worker with every layer of isolation that the machine has; ready when constructed, gone when
// destroyed. Throws when it cannot be had.
class BenchWorker {
 public:
  BenchWorker(Compartments& compartments, std::span<const std::byte> model,
              const BenchWorkerOptions& options);
  BenchWorker(Compartments& compartments, base::UniqueFd weights,
              const BenchWorkerOptions& options);
  BenchWorker(const BenchWorker&) = delete;
  BenchWorker& operator=(const BenchWorker&) = delete;
  ~BenchWorker();

  [[nodiscard]] channel::BlockingClient& client() { return *client_; }
  [[nodiscard]] pid_t pid() const { return worker_->compartment.pid; }
  [[nodiscard]] const isolation::LayerSet& layers() const { return worker_->compartment.layers; }

 private:
  Compartments& compartments_;
  std::optional<compartment::Worker> worker_;
  std::optional<channel::BlockingClient> client_;
};

// This thread runs on `cpus` only, from now on.
void PinThread(const std::vector<int>& cpus);

}  // namespace bulkhead::bench
