// SPDX-License-Identifier: Apache-2.0
#include "bench_worker.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel/setup.h"
#include "isolation/sandbox_driver.h"
#include "require.h"

namespace bulkhead::bench {
namespace {

constexpr std::chrono::minutes kTimeout{2};

}  // namespace

base::UniqueFd WeightsOf(std::span<const std::byte> content) {
  base::UniqueFd file(::memfd_create("model", MFD_CLOEXEC));
  if (!file.valid() ||
      ::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    throw std::runtime_error("no memory for the model");
  }
  return file;
}

Compartments OpenCompartments() {
  Compartments compartments;
  compartments.driver =
      isolation::MakeSandboxDriver({.owner = fmt::format("bench-{}", ::getpid())});
  compartments.program = Require(compartment::InspectWorker(Require(compartment::FindWorker())));
  return compartments;
}

BenchWorker::BenchWorker(Compartments& compartments, std::span<const std::byte> model,
                         const BenchWorkerOptions& options)
    : BenchWorker(compartments, WeightsOf(model), options) {}

BenchWorker::BenchWorker(Compartments& compartments, base::UniqueFd weights,
                         const BenchWorkerOptions& options)
    : compartments_(compartments) {
  channel::Setup setup;
  setup.threads = options.threads;
  const std::vector<std::byte> encoded = Require(channel::EncodeSetup(setup));
  compartment::WorkerSpec spec;
  spec.name = options.name;
  spec.setup = encoded;
  spec.weights = weights.get();
  spec.partition.cpus = options.cpus;
  spec.partition.memory_bytes = options.memory_bytes;
  spec.policy.optional = {isolation::Layer::kOwnUser, isolation::Layer::kCgroupMemory,
                          isolation::Layer::kCgroupPids, isolation::Layer::kCgroupCpus};
  worker_ = Require(compartment::StartWorker(*compartments_.driver, compartments_.program, spec));
  client_ = Require(channel::BlockingClient::Connect(std::move(worker_->frames), kTimeout));
  const base::Status ready = compartment::WaitUntilReady(*worker_, kTimeout);
  if (!ready.ok()) throw std::runtime_error(ready.error().detail);
}

BenchWorker::~BenchWorker() {
  client_.reset();
  (void)compartment::EndWorker(*compartments_.driver, std::move(*worker_),
                               isolation::Cause::kKilled);
}

void PinThread(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (::sched_setaffinity(0, sizeof(set), &set) != 0) throw std::runtime_error("cannot pin");
}

}  // namespace bulkhead::bench
