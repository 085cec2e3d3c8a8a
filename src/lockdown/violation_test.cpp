// SPDX-License-Identifier: Apache-2.0
#include "lockdown/violation.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lockdown/process_flags.h"
#include "lockdown/syscall_filter.h"
#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

void SayViolation(int fd, Violation violation) { Say(fd, violation); }

const SyscallFilter& Serving() {
  static const SyscallFilter filter = CompileSyscallFilter(Stage::kServing).value();
  return filter;
}

int LockUp(int report_fd) {
  if (SetNoNewPrivileges() != 0) return 100;
  if (ReportViolationsTo(report_fd, SayViolation) != 0) return 101;
  return InstallSyscallFilter(Serving(), false) == 0 ? 0 : 102;
}

// A child that is locked up, then does as `crime` says with raw calls.
template <typename Crime>
ChildEnd RunLockedUp(Crime crime) {
  (void)Serving();
  return RunInChild([&crime](int said) {
    if (const int error = LockUp(said); error != 0) return error;
    crime();
    return 1;
  });
}

void ExpectReported(const ChildEnd& end, uint32_t arch, int number) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer runs the handler of this signal at a time of its own";
#endif
  EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
  ASSERT_EQ(end.said.size(), sizeof(Violation)) << "one report and no more";
  const auto violation = Heard<Violation>(end);
  EXPECT_EQ(violation.arch, arch);
  EXPECT_EQ(violation.number, number);
}

TEST(Violation, IsReportedWithItsNumberAndThenFatal) {
  ExpectReported(RunLockedUp([] { ::syscall(SYS_openat, -1, nullptr, 0); }), NativeArch(),
                 SYS_openat);
}

TEST(Violation, IsReportedForANumberThatNobodyHas) {
  ExpectReported(RunLockedUp([] { ::syscall(999); }), NativeArch(), 999);
}

#ifdef __x86_64__
TEST(Violation, IsReportedWithTheConventionOfThirtyTwoBits) {
  ExpectReported(RunLockedUp([] {
                   long number = 3;  // read, in that convention
                   asm volatile("int $0x80" : "+a"(number) : "b"(0L), "c"(0L), "d"(0L) : "memory");
                 }),
                 AUDIT_ARCH_I386, 3);
}

TEST(Violation, IsReportedWithTheBitOfX32) {
  constexpr int kRead = 0x40000000 | SYS_read;
  ExpectReported(RunLockedUp([] { ::syscall(kRead, 0, 0, 0); }), NativeArch(), kRead);
}
#endif

TEST(Violation, OfAThreadIsReportedAndEndsTheWholeProcess) {
  ExpectReported(RunInChild([](int said) {
                   if (SetNoNewPrivileges() != 0) return 100;
                   if (ReportViolationsTo(said, SayViolation) != 0) return 101;
                   alignas(16) static char stack[1 << 16];
                   const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                     CLONE_THREAD | CLONE_SYSVSEM;
                   const auto crime = [](void*) -> int {
                     if (InstallSyscallFilter(Serving(), true) != 0) return 102;
                     ::syscall(SYS_socket, 1, 1, 0);
                     return 1;
                   };
                   ::clone(crime, stack + sizeof stack, flags, nullptr);
                   for (;;) ::syscall(SYS_sched_yield);
                 }),
                 NativeArch(), SYS_socket);
}

TEST(Violation, IsFatalEvenWithTheSignalBlocked) {
  const ChildEnd end = RunLockedUp([] {
    const uint64_t all = ~uint64_t{0};
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, nullptr, sizeof all);
    ::syscall(SYS_openat, -1, nullptr, 0);
  });
  EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
  EXPECT_EQ(end.said, "");
}

TEST(Violation, UnblocksTheSignalThatAParentHadBlocked) {
  (void)Serving();
  ExpectReported(RunInChild([](int said) {
                   sigset_t all;
                   sigfillset(&all);
                   ::sigprocmask(SIG_BLOCK, &all, nullptr);
                   if (const int error = LockUp(said); error != 0) return error;
                   ::syscall(SYS_openat, -1, nullptr, 0);
                   return 1;
                 }),
                 NativeArch(), SYS_openat);
}

TEST(Violation, IsFatalWithNobodyReadingTheReports) {
  (void)Serving();
  const ChildEnd end = RunInChild([](int) {
    int full[2];
    if (::pipe2(full, O_NONBLOCK) != 0) return 103;
    char page[4096] = {};
    while (::write(full[1], page, sizeof page) > 0) {
    }
    if (::fcntl(full[1], F_SETFL, 0) != 0) return 104;
    if (const int error = LockUp(full[1]); error != 0) return error;
    ::syscall(SYS_openat, -1, nullptr, 0);
    return 1;
  });
  EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
}

// Before serving too: what the first line of main has closed stays closed while a model loads.
ChildEnd RunWithReportsOnly(void (*crime)()) {
  return RunInChild([crime](int said) {
    if (SetNoNewPrivileges() != 0) return 100;
    if (ReportViolationsTo(said, SayViolation) != 0) return 101;
    crime();
    return 0;
  });
}

TEST(Violation, IsAnotherHandlerForItsSignal) {
  ExpectReported(RunWithReportsOnly([] {
                   struct sigaction ours{};
                   ours.sa_handler = SIG_IGN;
                   ::sigaction(SIGSYS, &ours, nullptr);
                 }),
                 NativeArch(), SYS_rt_sigaction);
}

TEST(Violation, IsAHandlerForItsSignalBehindBitsThatTheKernelDrops) {
  ExpectReported(RunWithReportsOnly([] {
                   ::syscall(SYS_rt_sigaction, (uint64_t{1} << 32) | SIGSYS, nullptr, nullptr, 8);
                 }),
                 NativeArch(), SYS_rt_sigaction);
}

TEST(Violation, IsExec) {
  ExpectReported(RunWithReportsOnly([] { ::syscall(SYS_execve, "/", nullptr, nullptr); }),
                 NativeArch(), SYS_execve);
  ExpectReported(RunWithReportsOnly([] { ::syscall(SYS_execveat, -1, "", nullptr, nullptr, 0); }),
                 NativeArch(), SYS_execveat);
}

TEST(Violation, IsNeitherAHandlerForAnotherSignalNorAnotherCall) {
  const ChildEnd end = RunWithReportsOnly([] {
    ::signal(SIGUSR1, SIG_IGN);
    ::close(::open("/", O_RDONLY | O_CLOEXEC));
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
  EXPECT_EQ(end.said, "");
}

TEST(Violation, HasNoNumberWhenTheSignalWasSentByHand) {
  ExpectReported(RunWithReportsOnly([] { ::raise(SIGSYS); }), 0, -1);
}

TEST(Violation, EndsAThreadWithoutStackAsACrash) {
  (void)Serving();
  const ChildEnd end = RunInChild([](int said) {
    ::signal(SIGSEGV, SIG_DFL);  // the sanitizer's own has a stack of its own
    if (const int error = LockUp(said); error != 0) return error;
    // The stack pointer at the very end of the address space: no room for a handler's frame.
    asm volatile("xor %%esp, %%esp\n\tsyscall" ::"a"(SYS_ptrace), "D"(-1L)
                 : "memory", "rcx", "r11");
    return 1;
  });
  EXPECT_TRUE(end.DiedOf(SIGSEGV)) << end.wait_status;
  EXPECT_EQ(end.said, "");
}

TEST(Violation, EndsProcessOneOfANamespace) {
  (void)Serving();
  const ChildEnd end = RunInChild([](int said) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) return 200;
    const pid_t first = ::fork();
    if (first == 0) {
      if (::getpid() != 1) ::_exit(103);
      if (const int error = LockUp(said); error != 0) ::_exit(error);
      ::syscall(SYS_openat, -1, nullptr, 0);
      ::syscall(SYS_exit_group, 1);
    }
    int status = 0;
    ::waitpid(first, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 104;
  });
  if (end.ExitedWith(200)) {
    GTEST_SKIP() << "no user namespace: the machine gives none, or a sanitizer added a thread";
  }
  EXPECT_TRUE(end.ExitedWith(SIGSYS)) << end.wait_status;
  EXPECT_EQ(Heard<Violation>(end).number, SYS_openat);
}

TEST(Violation, NeedsNoNewPrivileges) {
  const ChildEnd end = RunInChild([](int said) {
    ::syscall(SYS_setresuid, 65534, 65534, 65534);
    return ReportViolationsTo(said, SayViolation);
  });
  EXPECT_TRUE(end.ExitedWith(EACCES)) << end.wait_status;
}

}  // namespace
}  // namespace bulkhead::lockdown
