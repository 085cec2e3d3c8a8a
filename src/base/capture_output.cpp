// SPDX-License-Identifier: Apache-2.0
#include "base/capture_output.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::base {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError(errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> Spawn(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, arguments.front().c_str(), &actions, nullptr,
                                   Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return ErrnoError(failed);
  return pid;
}

// False when the stream has ended or `text` is full.
bool Append(int fd, std::size_t bytes_max, std::string& text) {
  std::array<char, 4096> piece{};
  const ssize_t count = ::read(fd, piece.data(), piece.size());
  if (count < 0) return errno == EINTR;
  text.append(piece.data(), static_cast<std::size_t>(count));
  return count > 0 && text.size() <= bytes_max;
}

enum class ReadEnd { kEnded, kTooMuch, kTimedOut };

ReadEnd ReadBoth(const UniqueFd& out, const UniqueFd& err, std::size_t bytes_max,
                 Clock::time_point deadline, CommandOutput& output) {
  std::array<pollfd, 2> streams{{{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
  const std::array<std::string*, 2> texts{&output.out, &output.err};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return ReadEnd::kTimedOut;
    if (::poll(streams.data(), streams.size(), static_cast<int>(left.count())) < 0) continue;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      if (!Append(streams[i].fd, bytes_max, *texts[i])) streams[i].fd = -1;
      if (texts[i]->size() > bytes_max) return ReadEnd::kTooMuch;
    }
  }
  return ReadEnd::kEnded;
}

int Reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Result<CommandOutput> CaptureOutput(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& environment,
                                    std::size_t bytes_max, std::chrono::milliseconds timeout) {
  BH_CHECK(!arguments.empty());
  const std::string& program = arguments.front();
  BH_ASSIGN(Pipe out, MakePipe());
  BH_ASSIGN(Pipe err, MakePipe());
  base::Result<pid_t> pid = Spawn(arguments, environment, out.write_end.get(), err.write_end.get());
  if (!pid.ok()) {
    return OperatorError(Code::kUnavailable, program + ": " + pid.error().detail);
  }
  out.write_end = UniqueFd();
  err.write_end = UniqueFd();
  CommandOutput output;
  const ReadEnd end =
      ReadBoth(out.read_end, err.read_end, bytes_max, Clock::now() + timeout, output);
  if (end != ReadEnd::kEnded) ::kill(pid.value(), SIGKILL);
  const int status = Reap(pid.value());
  if (end == ReadEnd::kTimedOut) {
    return OperatorError(Code::kDeadline, program + ": still running after " +
                                              std::to_string(timeout.count()) + " ms");
  }
  if (end == ReadEnd::kTooMuch) {
    return OperatorError(Code::kUnavailable, program + ": wrote more than expected");
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const std::string line = output.err.substr(0, output.err.find('\n'));
    return OperatorError(Code::kUnavailable,
                         program + ": " + (line.empty() ? "it failed and did not say why" : line));
  }
  return output;
}

}  // namespace bulkhead::base
