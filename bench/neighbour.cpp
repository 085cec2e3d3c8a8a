// SPDX-License-Identifier: Apache-2.0
#include "neighbour.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/monotonic_clock.h"
#include "bench_worker.h"
#include "channel/setup.h"
#include "isolation/program_files.h"
#include "isolation/sandbox_driver.h"
#include "node/backoff.h"
#include "require.h"
#include "sandbox_cases/order.h"

namespace bulkhead::bench {
namespace {

constexpr std::chrono::seconds kPatience{60};

std::string OwnerOf(pid_t process) { return fmt::format("bench-{}", process); }

Compartments OpenHostile() {
  Compartments compartments;
  compartments.driver = isolation::MakeSandboxDriver({.owner = OwnerOf(::getpid())});
  compartments.program.program = BULKHEAD_HOSTILE_WORKER;
  compartments.program.files = Require(isolation::ProgramFiles({BULKHEAD_HOSTILE_WORKER}));
  return compartments;
}

// From its start to its end, whichever that is.
void LiveOnce(Compartments& compartments, std::span<const std::byte> order, int cpu) {
  try {
    BenchWorker worker(compartments, order,
                       {.name = "neighbour", .cpus = {cpu}, .memory_bytes = int64_t{256} << 20});
    const std::byte no_picture[1]{};
    (void)worker.client().Detect(no_picture, {}, kPatience);
  } catch (const std::exception&) {
    // It ended while it started; so be it.
  }
}

[[noreturn]] void LiveOn(const std::string& attack, const std::string& argument, int cpu) {
  try {
    PinThread({cpu});
    Compartments compartments = OpenHostile();
    const auto order =
        sandbox_cases::EncodeOrder({sandbox_cases::Moment::kServing, attack, argument});
    const node::BackoffPolicy policy;
    node::Backoff backoff;
    std::mt19937_64 chance(1);
    for (;;) {
      const auto start = base::MonotonicNow();
      LiveOnce(compartments, order, cpu);
      const auto now = base::MonotonicNow();
      const auto wait = node::NextWait(policy, now, now - start, chance, backoff);
      if (!wait) break;
      std::this_thread::sleep_for(*wait);
    }
    for (;;) ::pause();
  } catch (const std::exception&) {
    ::_exit(EXIT_FAILURE);
  }
}

}  // namespace

Neighbour::Neighbour(const std::string& attack, const std::string& argument, int cpu) {
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) LiveOn(attack, argument, cpu);
}

Neighbour::~Neighbour() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  (void)isolation::MakeSandboxDriver({.owner = OwnerOf(process_)})->Sweep();
}

}  // namespace bulkhead::bench
