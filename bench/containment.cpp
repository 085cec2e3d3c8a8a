// SPDX-License-Identifier: Apache-2.0
// The floor is 1: cores, memory, processes and sockets are apart. What is shared all the same is
// the last cache and the memory bus, through which a neighbour that allocates can be felt.
#include "containment.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "frame_times.h"
#include "neighbour.h"
#include "require.h"
#include "unisolated.h"

namespace bulkhead::bench {
namespace {

constexpr int kVictimCpu = 0;
constexpr int kNeighbourCpu = 1;
constexpr int kBlocks = 10;
constexpr double kBar = 1.05;
constexpr std::chrono::seconds kFrameTimeout{30};
constexpr std::chrono::milliseconds kSettle{300};

struct Threat {
  const char* name;
  const char* attack;
  const char* argument;
};
constexpr Threat kThreats[] = {{"containment-cpu", "burn-cores", ""},
                               {"containment-memory", "refill-memory", "160"},
                               {"containment-fork", "processes", "200"},
                               {"containment-crash", "segfault", ""},
                               {"containment-flood", "flood", ""}};

BenchResult Endure(const Threat& threat, const Frame& frame, const std::string& unisolated) {
  FrameTimes times;
  frame();
  for (int block = 0; block < kBlocks; ++block) {
    TimeBlock(frame, times.alone);
    const Neighbour neighbour(threat.attack, threat.argument, kNeighbourCpu);
    std::this_thread::sleep_for(kSettle);
    TimeBlock(frame, times.beside);
  }
  const double alone_ms = P99(times.alone);
  const double beside_ms = P99(times.beside);
  const double ratio = beside_ms / alone_ms;
  return {threat.name,
          ratio,
          "x",
          kBar,
          false,
          ratio <= kBar,
          fmt::format("p99 {:.1f} ms against {:.1f} ms alone; in one process: {}", beside_ms,
                      alone_ms, unisolated)};
}

}  // namespace

std::vector<BenchResult> Containment(Compartments& compartments, std::span<const std::byte> model,
                                     std::span<const std::byte> jpeg,
                                     std::span<const std::string> named) {
  if (std::thread::hardware_concurrency() < 2) {
    throw std::runtime_error("containment needs two cores");
  }
  std::vector<Threat> threats;
  std::copy_if(std::begin(kThreats), std::end(kThreats), std::back_inserter(threats),
               [&](const Threat& threat) {
                 return named.empty() || std::ranges::find(named, threat.name) != named.end();
               });
  // Before any thread of ours: these fork.
  std::vector<std::string> unisolated;
  for (const Threat& threat : threats) unisolated.push_back(Unisolated(threat.attack, model, jpeg));
  std::vector<BenchResult> results;
  BenchWorker victim(compartments, model, {.name = "victim", .cpus = {kVictimCpu}});
  const Frame frame = [&] { Require(victim.client().Detect(jpeg, {}, kFrameTimeout)); };
  for (std::size_t i = 0; i < threats.size(); ++i) {
    results.push_back(Endure(threats[i], frame, unisolated[i]));
  }
  return results;
}

}  // namespace bulkhead::bench
