// SPDX-License-Identifier: Apache-2.0
#include "detect_memory.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace bulkhead::bench {
namespace {

double Mb(double kibibytes) { return kibibytes * 1024 / 1e6; }

// The peak of a running process so far, in KiB; 0 once it has ended.
double OwnPeakKib(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes;
  }
  return 0;
}

// Peak resident memory of one run of a program, in MB (10^6 bytes). Its own peak is read while it
// runs; of the processes that it waited for, the kernel keeps the largest. Both together, though
// they need not fall on the same moment.
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
  double own_kib = 0;
  pid_t ended = 0;
  while ((ended = wait4(child, &status, WNOHANG, &usage)) == 0) {
    own_kib = std::max(own_kib, OwnPeakKib(child));
    ::usleep(1000);
  }
  if (ended != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(arguments[0] + " failed");
  }
  const auto largest_kib = static_cast<double>(usage.ru_maxrss);
  // Without a child that is larger, the largest is its own.
  return Mb(largest_kib > own_kib * 1.01 ? largest_kib + own_kib : largest_kib);
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
  if (Mb(static_cast<double>(own.ru_maxrss)) >= std::min(ours, bare)) {
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
