// SPDX-License-Identifier: Apache-2.0
#include "lockdown/process_flags.h"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

int SetFlag(int option, unsigned long value) {
  return ::syscall(SYS_prctl, option, value, 0UL, 0UL, 0UL) == 0 ? 0 : errno;
}

}  // namespace

int SetNoNewPrivileges() { return SetFlag(PR_SET_NO_NEW_PRIVS, 1); }

int SetNotDumpable() { return SetFlag(PR_SET_DUMPABLE, 0); }

int DieWithParent(int alive_fd) {
  if (const int error = SetFlag(PR_SET_PDEATHSIG, SIGKILL); error != 0) return error;
  // A parent that ended before the line above sends nothing any more.
  pollfd alive{.fd = alive_fd, .events = 0, .revents = 0};
  const timespec at_once{};
  for (;;) {
    const long ready = ::syscall(SYS_ppoll, &alive, 1UL, &at_once, nullptr, 0UL);
    if (ready == 0) return 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    return (alive.revents & POLLNVAL) != 0 ? EBADF : ESRCH;
  }
}

}  // namespace bulkhead::lockdown
