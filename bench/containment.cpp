// SPDX-License-Identifier: Apache-2.0
// The floor is 1: cores, memory, processes and sockets are apart. What is shared all the same is
// the last cache and the memory bus, through which a neighbour that allocates can be felt.
#include "containment.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "engine/onnxruntime_engine.h"
#include "neighbour.h"
#include "require.h"
#include "worker/detector.h"

namespace bulkhead::bench {
namespace {

constexpr int kVictimCpu = 0;
constexpr int kNeighbourCpu = 1;
constexpr int kBlocks = 25;
constexpr int kFramesPerBlock = 40;
constexpr double kBar = 1.05;
constexpr std::chrono::seconds kFrameTimeout{30};
constexpr std::chrono::milliseconds kSettle{300};

struct Threat {
  const char* name;
  const char* attack;
  const char* argument;
};
constexpr Threat kThreats[] = {{"containment-cpu", "burn-cores", ""},
                               {"containment-memory", "allocate-without-end", ""},
                               {"containment-fork", "processes", "200"},
                               {"containment-crash", "segfault", ""},
                               {"containment-flood", "flood", ""}};

using Frame = std::function<void()>;

void TimeBlock(const Frame& frame, std::vector<double>& times_ms) {
  for (int i = 0; i < kFramesPerBlock; ++i) {
    const auto start = std::chrono::steady_clock::now();
    frame();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    times_ms.push_back(time.count());
  }
}

double P99(std::vector<double>& times_ms) {
  const auto at = times_ms.begin() + static_cast<std::ptrdiff_t>(times_ms.size() * 99 / 100);
  std::nth_element(times_ms.begin(), at, times_ms.end());
  return *at;
}

struct Times {
  std::vector<double> alone;
  std::vector<double> beside;
};

// Two threads that spin, in this process, as two models without compartments would.
class Spinners {
 public:
  Spinners() {
    for (std::thread& thread : threads_) {
      thread = std::thread([this] {
        while (!stop_) count_.fetch_add(1, std::memory_order_relaxed);
      });
    }
  }
  Spinners(const Spinners&) = delete;
  Spinners& operator=(const Spinners&) = delete;
  ~Spinners() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> count_ = 0;
  std::thread threads_[2];
};

double Unisolated(std::span<const std::byte> model, std::span<const std::byte> jpeg) {
  auto engine = Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1}));
  worker::Detector detector = Require(worker::Detector::Open(std::move(engine), {}));
  const Frame frame = [&] { Require(detector.Detect(jpeg, {})); };
  Times times;
  frame();
  for (int block = 0; block < kBlocks; ++block) {
    TimeBlock(frame, times.alone);
    const Spinners neighbour;
    TimeBlock(frame, times.beside);
  }
  return P99(times.beside) / P99(times.alone);
}

BenchResult Endure(const Threat& threat, const Frame& frame) {
  Times times;
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
          fmt::format("p99 {:.1f} ms against {:.1f} ms alone", beside_ms, alone_ms)};
}

}  // namespace

std::vector<BenchResult> Containment(Compartments& compartments, std::span<const std::byte> model,
                                     std::span<const std::byte> jpeg) {
  if (std::thread::hardware_concurrency() < 2) {
    throw std::runtime_error("containment needs two cores");
  }
  std::vector<BenchResult> results;
  const double unisolated = Unisolated(model, jpeg);
  BenchWorker victim(compartments, model, {.name = "victim", .cpus = {kVictimCpu}});
  for (const Threat& threat : kThreats) {
    results.push_back(
        Endure(threat, [&] { Require(victim.client().Detect(jpeg, {}, kFrameTimeout)); }));
  }
  results.front().note += fmt::format("; in one process without isolation {:.2f} x", unisolated);
  return results;
}

}  // namespace bulkhead::bench
