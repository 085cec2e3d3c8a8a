// SPDX-License-Identifier: Apache-2.0
#include "lockdown/violation.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

struct Report {
  int fd = -1;
  ReportViolation write = nullptr;
};
// Written once, before the handler is set.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler's only arguments
Report report_to;

// SYS_SECCOMP of include/uapi/asm-generic/siginfo.h, which the library's headers lack.
constexpr int kFromFilter = 1;

// A full pipe must not keep the process alive.
bool CanWrite(int fd) {
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  const timespec at_once{};
  return ::syscall(SYS_ppoll, &ready, 1UL, &at_once, nullptr, 0UL) == 1;
}

[[noreturn]] void Die() {
  // Forbidden since CloseTheWayIn, and a mere question where that failed. SIGSYS is blocked in its
  // handler, so the kernel resets it to the default and ends the process (force_sig_info_to_task of
  // kernel/signal.c), process 1 of a namespace included. A tracer can spoil that; the exit is for
  // then.
  ::syscall(SYS_rt_sigaction, SIGSYS, nullptr, nullptr, sizeof(uint64_t));
  for (;;) ::syscall(SYS_exit_group, 128 + SIGSYS);
}

void OnSigsys(int, siginfo_t* info, void*) {
  Violation violation;
  if (info->si_code == kFromFilter) {
    violation = {.arch = info->si_arch, .number = info->si_syscall};
  }
  if (CanWrite(report_to.fd)) report_to.write(report_to.fd, violation);
  Die();
}

int SetHandler() {
  struct sigaction action{};
  action.sa_sigaction = OnSigsys;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return errno;
  // A mask is inherited through exec; a trap that is blocked would go unreported.
  sigset_t trap;
  sigemptyset(&trap);
  sigaddset(&trap, SIGSYS);
  return ::pthread_sigmask(SIG_UNBLOCK, &trap, nullptr);
}

constexpr sock_filter Statement(uint16_t code, uint32_t operand) { return {code, 0, 0, operand}; }

// Goes on with the next instruction, or `skip` further ones when the value is another.
constexpr sock_filter UnlessEqualSkip(uint32_t value, uint8_t skip) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, skip, value};
}

// The low half of the first argument: the kernel takes a signal as an int.
constexpr uint32_t kFirstArgument =
    offsetof(seccomp_data, args) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);

// Numbers alone, without the convention: the filter below this one stops foreign conventions.
int CloseTheWayIn() {
  std::array program{
      Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      UnlessEqualSkip(SYS_execve, 1),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      UnlessEqualSkip(SYS_execveat, 1),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      UnlessEqualSkip(SYS_rt_sigaction, 3),
      Statement(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      UnlessEqualSkip(SIGSYS, 1),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  const long result =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result < 0) return errno;
  return result == 0 ? 0 : ESRCH;
}

}  // namespace

int ReportViolationsTo(int report_fd, ReportViolation report) {
  report_to = {.fd = report_fd, .write = report};
  if (const int error = SetHandler(); error != 0) return error;
  return CloseTheWayIn();
}

}  // namespace bulkhead::lockdown
