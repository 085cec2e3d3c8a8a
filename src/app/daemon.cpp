// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::app {

void Log::operator()(std::string_view text) const {
  std::string line = std::string(program) + ": " + std::string(text);
  const bool keep = line_ends == LineEnds::kKeep;
  std::ranges::replace_if(
      line, [&](char c) { return (c < ' ' && !(keep && c == '\n')) || c == '\x7f'; }, '?');
  line += '\n';
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

base::Result<base::UniqueFd> OpenSignals(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return base::ErrnoError(errno);
  base::UniqueFd opened(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!opened.valid()) return base::ErrnoError(errno);
  return opened;
}

base::Status PrepareProcess() {
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0) return base::ErrnoError(errno);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return base::ErrnoError(errno);
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) return base::ErrnoError(errno);
  return base::Ok();
}

std::optional<int> ParseArguments(CLI::App& program, int argc, char** argv, const Log& log) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return program.exit(request);
  } catch (const CLI::ParseError& error) {
    log(std::string(error.what()) + "; see " + program.get_name() + " --help");
    return kUsage;
  }
  return std::nullopt;
}

int RunMain(int argc, char** argv, const Log& log, int (*run)(int argc, char** argv)) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    log(std::string("internal error: ") + error.what());
    return kFailure;
  }
}

}  // namespace bulkhead::app
