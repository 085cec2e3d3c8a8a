// SPDX-License-Identifier: Apache-2.0
// Tests of steps that cannot be undone run in a child process.
#pragma once

#include <cstring>
#include <functional>
#include <string>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::lockdown {

struct ChildEnd {
  int wait_status = -1;
  std::string said;  // what it wrote to the descriptor that it was given

  [[nodiscard]] bool ExitedWith(int status) const {
    return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == status;
  }
  [[nodiscard]] bool DiedOf(int signal) const {
    return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == signal;
  }
};

// Runs `body` in a child, which then exits with what it returned. After a step that takes calls
// away, the body makes raw system calls only: the sanitizers' own code needs more than it is left.
inline ChildEnd RunInChild(const std::function<int(int said_fd)>& body) {
  ChildEnd end;
  int ends[2];
  if (::pipe(ends) != 0) return end;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::syscall(SYS_exit_group, body(ends[1]));
  }
  ::close(ends[1]);
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof piece)) > 0;) {
    end.said.append(piece, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  ::waitpid(child, &end.wait_status, 0);
  return end;
}

template <typename Value>
void Say(int fd, const Value& value) {
  ::syscall(SYS_write, fd, &value, sizeof(Value));
}

// The values said, in order.
template <typename Value>
Value Heard(const ChildEnd& end) {
  Value value{};
  if (end.said.size() == sizeof(Value)) std::memcpy(&value, end.said.data(), sizeof(Value));
  return value;
}

}  // namespace bulkhead::lockdown
