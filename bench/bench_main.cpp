// SPDX-License-Identifier: Apache-2.0
// Measures the product against the libraries underneath it.
//
//   bulkhead-bench SUMMARY.json              all numbers: a table, and a JSON array in the file
//   bulkhead-bench --containment [NAME...]   those of containment, which take longest: the table
//                                            alone
//   bulkhead-bench --sizing                  those of sizing
//   bulkhead-bench --sealed                  those of sealed models
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "base/write_file.h"
#include "bench_result.h"
#include "containment.h"
#include "detect_memory.h"
#include "overhead.h"
#include "postprocess_vs_opencv.h"
#include "preprocess_vs_opencv.h"
#include "sandbox_overhead.h"
#include "sealed.h"
#include "sizing.h"
#include "yolo_graph.h"

namespace bulkhead::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::byte> Read(const fs::path& path) {
  auto content = base::ReadFile(path, std::size_t{64} << 20);
  if (!content.ok()) throw std::runtime_error(path.string() + ": " + content.error().detail);
  return std::move(content).value();
}

void Print(const BenchResult& result) {
  fmt::print("{:<24} {:>8.3f} {:<13} {} {:<6} {}  {}\n", result.name, result.value, result.unit,
             result.higher_is_better ? "at least" : "at most ", result.bar,
             result.holds ? "holds" : "MISSED", result.note);
  std::fflush(stdout);
}

json AsJson(const BenchResult& result) {
  return {{"name", result.name},
          {"value", result.value},
          {"unit", result.unit},
          {"bar", result.bar},
          {"better", result.higher_is_better ? "higher" : "lower"},
          {"holds", result.holds}};
}

int RunAll(const fs::path& program, const fs::path& summary) {
  const fs::path model_path = summary.parent_path() / "yolo-n.onnx";
  fs::create_directories(summary.parent_path());
  WriteYoloGraph({}, model_path);

  json results = json::array();
  const auto record = [&results](const BenchResult& result) {
    Print(result);
    results.push_back(AsJson(result));
  };
  // First, while this process is small: a child's peak starts at its parent's size.
  record(DetectMemory(program.parent_path(), model_path, BULKHEAD_BENCH_JPEG));
  const std::vector<std::byte> jpeg = Read(BULKHEAD_BENCH_JPEG);
  const std::vector<std::byte> model = Read(model_path);
  record(EngineOverhead(model));
  record(PipelineOverhead(model, jpeg));
  record(PreprocessVsOpencv(jpeg));
  record(PostprocessVsOpencv());
  Compartments compartments = OpenCompartments();
  record(SandboxOverhead(compartments, model, jpeg));
  record(StartRatio(compartments, model));
  record(UnsealVsOpenssl());
  record(SealedStartRatio(compartments, model_path));
  for (const BenchResult& result : Containment(compartments, model, jpeg)) record(result);
  for (const BenchResult& result : SizingErrors(compartments, jpeg, summary.parent_path())) {
    record(result);
  }
  const std::string text = results.dump(2) + "\n";
  if (!base::WriteFile(summary, std::as_bytes(std::span(text))).ok()) {
    throw std::runtime_error("cannot write " + summary.string());
  }
  return 0;
}

int RunContainment(std::span<const std::string> named) {
  Compartments compartments = OpenCompartments();
  const std::vector<std::byte> model = MakeYoloGraph({});
  const std::vector<std::byte> jpeg = Read(BULKHEAD_BENCH_JPEG);
  for (const BenchResult& result : Containment(compartments, model, jpeg, named)) Print(result);
  return 0;
}

int RunSealed() {
  const fs::path model_path = fs::temp_directory_path() / "bulkhead-bench-yolo-n.onnx";
  WriteYoloGraph({}, model_path);
  Compartments compartments = OpenCompartments();
  Print(UnsealVsOpenssl());
  Print(SealedStartRatio(compartments, model_path));
  fs::remove(model_path);
  return 0;
}

int RunSizing() {
  Compartments compartments = OpenCompartments();
  const std::vector<std::byte> jpeg = Read(BULKHEAD_BENCH_JPEG);
  const fs::path folder = fs::temp_directory_path();
  for (const BenchResult& result : SizingErrors(compartments, jpeg, folder)) Print(result);
  return 0;
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (!arguments.empty() && arguments[0] == "--containment") {
      return bulkhead::bench::RunContainment(std::span(arguments).subspan(1));
    }
    if (arguments == std::vector<std::string>{"--sizing"}) return bulkhead::bench::RunSizing();
    if (arguments == std::vector<std::string>{"--sealed"}) return bulkhead::bench::RunSealed();
    if (arguments.size() == 1) {
      return bulkhead::bench::RunAll(std::filesystem::read_symlink("/proc/self/exe"), arguments[0]);
    }
    std::fputs(
        "usage: bulkhead-bench SUMMARY.json | --containment [NAME...] | --sizing | --sealed\n",
        stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bulkhead-bench: %s\n", error.what());
    return 1;
  }
}
