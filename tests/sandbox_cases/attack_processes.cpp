// SPDX-License-Identifier: Apache-2.0
// Other processes: to find, stop, trace or read them, or to become one. Every signal is signal 0,
// which is judged like any other and harms nobody where the judgement is wrong.
#include <array>
#include <charconv>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/unique_fd.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

pid_t Pid(const Order& order) {
  pid_t pid = 0;
  std::from_chars(order.argument.data(), order.argument.data() + order.argument.size(), pid);
  return pid;
}

Loot SignalTo(const Order& order) {
  if (::kill(Pid(order), 0) != 0) return Refused("kill " + order.argument);
  return Got("may signal process " + order.argument);
}

// Not whether it may: whether it can tell that the process is there.
Loot FindProcess(const Order& order) {
  if (::kill(Pid(order), 0) == 0 || errno == EPERM) return Got("sees process " + order.argument);
  return Refused("see process " + order.argument);
}

Loot SignalAll(const Order&) {
  if (::kill(-1, 0) != 0) return Refused("kill everyone");
  return Got("may signal everyone");
}

Loot SignalParent(const Order&) {
  if (::kill(::getppid(), 0) != 0) return Refused("kill its parent");
  return Got("may signal its parent");
}

Loot SignalThread(const Order& order) {
  if (::syscall(SYS_tgkill, Pid(order), Pid(order), 0) != 0) return Refused("tgkill");
  return Got("may signal a thread");
}

Loot QueueSignal(const Order& order) {
  siginfo_t code{};
  code.si_code = SI_QUEUE;
  if (::syscall(SYS_rt_sigqueueinfo, Pid(order), 0, &code) != 0) return Refused("sigqueue");
  return Got("may queue a signal");
}

Loot OpenPidfd(const Order& order) {
  const base::UniqueFd made(static_cast<int>(::syscall(SYS_pidfd_open, Pid(order), 0)));
  if (!made.valid()) return Refused("pidfd_open");
  return Got("a descriptor of process " + order.argument);
}

Loot TraceProcess(const Order& order) {
  if (::ptrace(PTRACE_SEIZE, Pid(order), nullptr, nullptr) != 0) return Refused("ptrace");
  ::ptrace(PTRACE_DETACH, Pid(order), nullptr, nullptr);
  return Got("traces process " + order.argument);
}

Loot BeTraced(const Order&) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) return Refused("be traced");
  return Got("a tracer");
}

Loot ReadProcess(const Order& order) {
  std::array<char, 64> bytes{};
  const iovec here{bytes.data(), bytes.size()};
  // Where programs that are not moved have their first page.
  const iovec there{reinterpret_cast<void*>(0x400000), bytes.size()};
  const ssize_t count = ::process_vm_readv(Pid(order), &here, 1, &there, 1, 0);
  // EFAULT comes after the permission.
  if (count >= 0 || errno == EFAULT) return Got("memory of process " + order.argument);
  return Refused("process_vm_readv");
}

Loot OpenProcessMemory(const Order& order) {
  const std::string path = "/proc/" + order.argument + "/mem";
  const base::UniqueFd made(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!made.valid()) return Refused("open " + path);
  return Got("the memory of process " + order.argument);
}

Loot Fork(const Order&) {
  const long child = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0);
  if (child == 0) ::_exit(0);
  if (child < 0) return Refused("fork");
  ::waitpid(static_cast<pid_t>(child), nullptr, 0);
  return Got("a process");
}

Loot Execute(const Order& order) {
  std::array<char*, 1> none{};
  ::execve(order.argument.c_str(), none.data(), none.data());
  return Refused("execve " + order.argument);
}

Loot LetBeTraced(const Order&) {
  if (::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0) != 0) return Refused("PR_SET_PTRACER");
  return Got("anyone may trace it");
}

// So that it outlives whoever started it.
Loot OutliveParent(const Order&) {
  if (::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) != 0) return Refused("PR_SET_PDEATHSIG");
  return Got("a life of its own");
}

Loot LeaveSession(const Order&) {
  if (::setpgid(0, 0) != 0 && ::setsid() < 0) return Refused("setsid");
  return Got("a session");
}

constexpr Attack kAttacks[] = {{"signal", SignalTo},
                               {"find-process", FindProcess},
                               {"signal-all", SignalAll},
                               {"signal-parent", SignalParent},
                               {"signal-thread", SignalThread},
                               {"queue-signal", QueueSignal},
                               {"open-pidfd", OpenPidfd},
                               {"trace", TraceProcess},
                               {"be-traced", BeTraced},
                               {"read-process", ReadProcess},
                               {"open-process-memory", OpenProcessMemory},
                               {"fork", Fork},
                               {"execute", Execute},
                               {"let-be-traced", LetBeTraced},
                               {"outlive-parent", OutliveParent},
                               {"leave-session", LeaveSession}};

}  // namespace

std::span<const Attack> ProcessAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
