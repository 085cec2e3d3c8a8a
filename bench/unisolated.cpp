// SPDX-License-Identifier: Apache-2.0
#include "unisolated.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/onnxruntime_engine.h"
#include "frame_times.h"
#include "require.h"
#include "worker/detector.h"

namespace bulkhead::bench {
namespace {

constexpr int kBlocks = 3;
// As the attack of that name is told to take (containment.cpp).
constexpr std::size_t kNeighbourBytes = std::size_t{160} << 20;
constexpr int kNeighbourProcesses = 200;

using Stop = std::atomic<bool>;

struct Victim {
  std::span<const std::byte> model;
  std::span<const std::byte> jpeg;
};

worker::Detector Open(std::span<const std::byte> model) {
  return Require(
      worker::Detector::Open(Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1})), {}));
}

void BurnCores(const Victim& /*victim*/, const Stop& stop) {
  std::atomic<uint64_t> count = 0;
  std::thread other([&] {
    while (!stop) count.fetch_add(1, std::memory_order_relaxed);
  });
  while (!stop) count.fetch_add(1, std::memory_order_relaxed);
  other.join();
}

void RefillMemory(const Victim& /*victim*/, const Stop& stop) {
  while (!stop) {
    const auto memory = std::make_unique_for_overwrite<char[]>(kNeighbourBytes);
    std::memset(memory.get(), 1, kNeighbourBytes);
  }
}

void StartProcesses(const Victim& /*victim*/, const Stop& stop) {
  while (!stop) {
    std::vector<pid_t> processes;
    while (!stop && processes.size() < kNeighbourProcesses) {
      const pid_t process = ::fork();
      if (process == 0) {
        ::pause();
        ::_exit(EXIT_SUCCESS);
      }
      if (process > 0) processes.push_back(process);
    }
    for (const pid_t process : processes) {
      ::kill(process, SIGKILL);
      ::waitpid(process, nullptr, 0);
    }
  }
}

void Crash(const Victim& /*victim*/, const Stop& /*stop*/) { std::raise(SIGSEGV); }

void Flood(const Victim& victim, const Stop& stop) {
  worker::Detector model = Open(victim.model);
  while (!stop) Require(model.Detect(victim.jpeg, {}));
}

using Attack = void (*)(const Victim& victim, const Stop& stop);

Attack AttackNamed(const std::string& name) {
  if (name == "burn-cores") return BurnCores;
  if (name == "refill-memory") return RefillMemory;
  if (name == "processes") return StartProcesses;
  if (name == "segfault") return Crash;
  if (name == "flood") return Flood;
  throw std::runtime_error("no such attack: " + name);
}

double RatioBeside(Attack attack, const Victim& victim) {
  worker::Detector detector = Open(victim.model);
  const Frame frame = [&] { Require(detector.Detect(victim.jpeg, {})); };
  FrameTimes times;
  frame();
  for (int block = 0; block < kBlocks; ++block) {
    TimeBlock(frame, times.alone);
    Stop stop = false;
    std::thread neighbour([&] { attack(victim, stop); });
    TimeBlock(frame, times.beside);
    stop = true;
    neighbour.join();
  }
  return P99(times.beside) / P99(times.alone);
}

[[noreturn]] void Report(Attack attack, const Victim& victim, int to) {
  try {
    const double ratio = RatioBeside(attack, victim);
    const bool told = ::write(to, &ratio, sizeof(ratio)) == sizeof(ratio);
    ::_exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
  } catch (const std::exception&) {
    ::_exit(EXIT_FAILURE);
  }
}

}  // namespace

std::string Unisolated(const std::string& attack, std::span<const std::byte> model,
                       std::span<const std::byte> jpeg) {
  const Attack run = AttackNamed(attack);
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t process = ::fork();
  if (process < 0) throw std::runtime_error("cannot fork");
  if (process == 0) Report(run, {model, jpeg}, ends[1]);
  ::close(ends[1]);
  double ratio = 0;
  const bool told = ::read(ends[0], &ratio, sizeof(ratio)) == sizeof(ratio);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(process, &status, 0);
  if (told) return fmt::format("{:.2f} x", ratio);
  if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
  throw std::runtime_error("the unisolated victim failed beside " + attack);
}

}  // namespace bulkhead::bench
