// SPDX-License-Identifier: Apache-2.0
#include "detect_memory.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char** environ;

namespace bulkhead::bench {
namespace {

// Peak resident memory of one run of a program, in MB (10^6 bytes).
double PeakMb(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(arguments[0] + " failed");
  }
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

double MedianPeakMb(const std::vector<std::string>& arguments) {
  std::vector<double> peaks;
  for (int i = 0; i < 5; ++i) peaks.push_back(PeakMb(arguments));
  std::nth_element(peaks.begin(), peaks.begin() + 2, peaks.end());
  return peaks[2];
}

}  // namespace

BenchResult DetectMemory(const std::filesystem::path& programs, const std::filesystem::path& model,
                         const std::filesystem::path& jpeg) {
  constexpr double kBarMb = 40;
  const double ours =
      MedianPeakMb({programs / "bulkhead", "detect", model, jpeg, "--threads", "2"});
  const double bare = MedianPeakMb({programs / "bare-onnxruntime", model});
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  if (static_cast<double>(own.ru_maxrss) * 1024 / 1e6 >= std::min(ours, bare)) {
    throw std::runtime_error("detect-memory-mb: this process is larger than what it measures");
  }
  return {"detect-memory-mb",
          ours - bare,
          "MB over bare",
          kBarMb,
          false,
          ours - bare <= kBarMb,
          fmt::format("{:.1f} MB against {:.1f} MB", ours, bare)};
}

}  // namespace bulkhead::bench
