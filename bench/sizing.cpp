// SPDX-License-Identifier: Apache-2.0
#include "sizing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/read_file.h"
#include "cli/model_sizing.h"
#include "median.h"
#include "planner/cpu_cost.h"
#include "require.h"
#include "yolo_graph.h"

namespace bulkhead::bench {
namespace {

constexpr double kMemoryBar = 0.10;
constexpr double kLatencyBar = 0.20;
constexpr int kRounds = 5;
constexpr int kFrames = 3;
constexpr std::chrono::seconds kFrameTimeout{60};
constexpr YoloShape kMeasured{Size::kSmall, 640, 1};
constexpr YoloShape kGraphs[] = {
    {Size::kNano, 640, 1},   {Size::kMedium, 640, 1}, {Size::kLarge, 640, 1},
    {Size::kExtra, 640, 1},  {Size::kNano, 320, 1},   {Size::kSmall, 320, 1},
    {Size::kMedium, 320, 1}, {Size::kNano, 960, 1},   {Size::kSmall, 960, 1},
    {Size::kMedium, 960, 1}, {Size::kNano, 1280, 1},  {Size::kSmall, 640, 2}};

// A graph, what sizing knows of it, and a worker that runs it.
struct Subject {
  std::string name;
  planner::SizingInput input;
  std::unique_ptr<BenchWorker> worker;
};

double PeakMb(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024 / 1e6;
  }
  throw std::runtime_error("a worker ended while it was measured");
}

double FrameSeconds(Subject& subject, std::span<const std::byte> jpeg) {
  const auto reply = Require(subject.worker->client().Detect(jpeg, {}, kFrameTimeout));
  return std::chrono::duration<double>(reply.times.infer).count();
}

Subject Start(const YoloShape& shape, Compartments& compartments, std::span<const std::byte> jpeg,
              const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "sizing.onnx";
  WriteYoloGraph(shape, path);
  const auto file = Require(base::ReadFile(path, std::size_t{1} << 30));
  std::filesystem::remove(path);
  Subject subject;
  subject.name = fmt::format("{}{}b{}", SizeName(shape.size), shape.side, shape.batch);
  subject.input = cli::SizingOf(Require(model::ReadModelCard(file)));
  subject.worker = std::make_unique<BenchWorker>(
      compartments, file,
      BenchWorkerOptions{
          .name = "sizing-" + subject.name, .cpus = {0}, .memory_bytes = int64_t{8} << 30});
  for (int i = 0; i < kFrames; ++i) (void)FrameSeconds(subject, jpeg);
  return subject;
}

double MemoryError(const Subject& subject) {
  const double measured = PeakMb(subject.worker->pid());
  const double predicted = static_cast<double>(PredictCpuMemory(subject.input).peak()) / 1e6;
  const double error = predicted / measured - 1;
  fmt::print("  {:<8} memory   {:8.1f} MB predicted {:8.1f} MB measured {:+.3f}\n", subject.name,
             predicted, measured, error);
  return std::abs(error);
}

// Frames of the measured model that surround runs of the other for about a third of their time.
double LatencyError(Subject& measured, Subject& subject, std::span<const std::byte> jpeg) {
  const double ratio = subject.input.flops / measured.input.flops;
  const int beside = std::max(1, static_cast<int>(ratio / 3));
  const int frames = std::max(1, static_cast<int>(1 / ratio));
  std::vector<double> errors;
  for (int round = 0; round < kRounds; ++round) {
    double measured_seconds = 0;
    double seconds = 0;
    for (int i = 0; i < beside; ++i) measured_seconds += FrameSeconds(measured, jpeg);
    for (int i = 0; i < frames; ++i) seconds += FrameSeconds(subject, jpeg);
    for (int i = 0; i < beside; ++i) measured_seconds += FrameSeconds(measured, jpeg);
    const auto speed = planner::MeasuredSpeed(measured.input, measured_seconds / (2 * beside));
    if (!speed) throw std::runtime_error("a frame took no time");
    errors.push_back(PredictCpuSeconds(subject.input, *speed) / (seconds / frames) - 1);
  }
  const auto [least, most] = std::ranges::minmax(errors);
  const double error = Median(errors);
  fmt::print("  {:<8} latency  {:+.3f} ({:+.3f} to {:+.3f})\n", subject.name, error, least, most);
  return std::abs(error);
}

BenchResult Bounded(const char* name, double value, double bar, const char* note) {
  return {name, value, "of measured", bar, false, value <= bar, note};
}

}  // namespace

std::vector<BenchResult> SizingErrors(Compartments& compartments, std::span<const std::byte> jpeg,
                                      const std::filesystem::path& folder) {
  Subject measured = Start(kMeasured, compartments, jpeg, folder);
  double memory = MemoryError(measured);
  double latency = 0;
  for (const YoloShape& shape : kGraphs) {
    Subject subject = Start(shape, compartments, jpeg, folder);
    memory = std::max(memory, MemoryError(subject));
    latency = std::max(latency, LatencyError(measured, subject, jpeg));
  }
  return {Bounded("sizing-memory-error", memory, kMemoryBar, "largest of 13 graphs"),
          Bounded("sizing-latency-error", latency, kLatencyBar,
                  "largest of 12 graphs, one thread, speed from size s")};
}

}  // namespace bulkhead::bench
