// SPDX-License-Identifier: Apache-2.0
#include "lockdown/syscall_policy.h"

#include <cstdint>
#include <utility>

#include <gmock/gmock.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include "lockdown/syscall_filter.h"

namespace bulkhead::lockdown {
namespace {

using Arguments = std::array<uint64_t, 6>;

constexpr Stage kStages[] = {Stage::kStarting, Stage::kServing};

Verdict Of(const PolicyRow& row, Stage stage) {
  return stage == Stage::kStarting ? row.starting : row.serving;
}

Arguments Fitting(const PolicyRow& row) {
  Arguments arguments{};
  for (std::size_t i = 0; i < row.test_count; ++i) {
    arguments.at(row.tests.at(i).index) |= row.tests.at(i).value;
  }
  return arguments;
}

Verdict Judge(Stage stage, int number, const Arguments& arguments = {}) {
  return Expect(stage, NativeArch(), number, arguments);
}

TEST(SyscallPolicy, GivesAReasonForEveryRow) {
  for (const PolicyRow& row : PolicyRows()) {
    EXPECT_FALSE(row.reason.empty()) << SyscallName(NativeArch(), row.number);
    EXPECT_GE(row.number, 0) << row.reason;
  }
}

TEST(SyscallPolicy, HasNoRowWithoutEffect) {
  for (const PolicyRow& row : PolicyRows()) {
    EXPECT_FALSE(row.starting == Verdict::kFatal && row.serving == Verdict::kFatal)
        << SyscallName(NativeArch(), row.number);
    for (std::size_t i = 0; i < row.test_count; ++i) {
      EXPECT_EQ(row.tests.at(i).value & ~row.tests.at(i).mask, 0U)
          << SyscallName(NativeArch(), row.number) << ": a test that is never true";
    }
  }
}

TEST(SyscallPolicy, NamesTheErrnoOfEveryRefusalAndOfNothingElse) {
  for (const PolicyRow& row : PolicyRows()) {
    const bool refuses = row.starting == Verdict::kRefused || row.serving == Verdict::kRefused;
    EXPECT_EQ(refuses, row.refusal != 0) << SyscallName(NativeArch(), row.number);
  }
}

// libseccomp would drop one of two rows of different actions whose tests can both be true.
TEST(SyscallPolicy, HasOneVerdictPerNumberAndStageBesidesFatal) {
  for (const Stage stage : kStages) {
    for (const PolicyRow& one : PolicyRows()) {
      for (const PolicyRow& other : PolicyRows()) {
        if (one.number != other.number) continue;
        if (Of(one, stage) == Verdict::kFatal || Of(other, stage) == Verdict::kFatal) continue;
        EXPECT_EQ(Of(one, stage), Of(other, stage)) << SyscallName(NativeArch(), one.number);
      }
    }
  }
}

TEST(SyscallPolicy, OnlyNarrowsFromStartingToServing) {
  for (const PolicyRow& row : PolicyRows()) {
    if (row.serving == Verdict::kFatal) continue;
    EXPECT_NE(Judge(Stage::kStarting, row.number, Fitting(row)), Verdict::kFatal)
        << SyscallName(NativeArch(), row.number);
  }
}

TEST(SyscallPolicy, ForbidsWhatEscapesAreMadeOfInEveryStage) {
  constexpr int kNever[] = {
      // Other processes, and what observes them.
      SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_open,
      SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo,
      SYS_rt_tgsigqueueinfo, SYS_kcmp, SYS_perf_event_open, SYS_setpgid, SYS_setsid,
      // Namespaces, roots, mounts.
      SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_fsopen,
      SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_move_mount, SYS_open_tree, SYS_mount_setattr,
      SYS_open_by_handle_at, SYS_name_to_handle_at,
      // Sockets.
      SYS_socket, SYS_socketpair, SYS_bind, SYS_connect, SYS_listen, SYS_accept, SYS_accept4,
      // Large pieces of the kernel that a detector has no use for.
      SYS_bpf, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_io_setup,
      SYS_userfaultfd, SYS_fanotify_init, SYS_inotify_init1, SYS_add_key, SYS_request_key,
      SYS_keyctl, SYS_vmsplice, SYS_splice, SYS_memfd_create, SYS_memfd_secret, SYS_shmget,
      SYS_msgget, SYS_semget, SYS_mq_open, SYS_timer_create, SYS_signalfd4, SYS_epoll_create1,
      // The machine.
      SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_swapon,
      SYS_swapoff, SYS_acct, SYS_quotactl, SYS_quotactl_fd, SYS_syslog, SYS_sethostname,
      SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
      // Who it is and what it may use.
      SYS_personality, SYS_execveat, SYS_setuid, SYS_setgid, SYS_setresuid, SYS_setresgid,
      SYS_setgroups, SYS_capset, SYS_setrlimit, SYS_setpriority, SYS_ioprio_set, SYS_sched_setattr,
      SYS_mbind, SYS_set_mempolicy, SYS_migrate_pages, SYS_move_pages, SYS_landlock_restrict_self,
      // Files that change.
      SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_symlinkat, SYS_linkat, SYS_renameat2,
      SYS_fchmodat, SYS_fchownat, SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_pwrite64,
      SYS_openat2, SYS_utimensat, SYS_setxattr};
  for (const Stage stage : kStages) {
    for (const int number : kNever) {
      EXPECT_EQ(Judge(stage, number), Verdict::kFatal) << SyscallName(NativeArch(), number);
    }
  }
}

TEST(SyscallPolicy, ServesWithoutFilesThreadsProgramsAndTerminals) {
  for (const int number : {SYS_openat, SYS_clone, SYS_clone3, SYS_execve, SYS_ioctl, SYS_fcntl,
                           SYS_prctl, SYS_seccomp, SYS_pipe2, SYS_sched_setscheduler, SYS_dup}) {
    EXPECT_EQ(Judge(Stage::kServing, number), Verdict::kFatal) << SyscallName(NativeArch(), number);
  }
}

TEST(SyscallPolicy, SharesNoPagesByContent) {
  constexpr uint64_t kDontNeed = 4, kMergeable = 12, kDontDump = 16;
  for (const Stage stage : kStages) {
    EXPECT_EQ(Judge(stage, SYS_madvise, {0, 4096, kDontNeed}), Verdict::kAllowed);
    EXPECT_EQ(Judge(stage, SYS_madvise, {0, 4096, kDontDump}), Verdict::kAllowed);
    EXPECT_EQ(Judge(stage, SYS_madvise, {0, 4096, kMergeable}), Verdict::kFatal);
  }
}

TEST(SyscallPolicy, LetsCodeComeFromFilesOnlyAndOnlyWhileStarting) {
  constexpr uint64_t kRead = 1, kWrite = 2, kExec = 4, kPrivate = 2, kAnonymous = 0x20;
  const auto mmap = [](Stage stage, uint64_t protection, uint64_t flags) {
    return Judge(stage, SYS_mmap, {0, 4096, protection, flags, 0, 0});
  };
  EXPECT_EQ(mmap(Stage::kStarting, kRead | kExec, kPrivate), Verdict::kAllowed);
  EXPECT_EQ(mmap(Stage::kStarting, kRead | kExec, kPrivate | kAnonymous), Verdict::kFatal);
  EXPECT_EQ(mmap(Stage::kStarting, kRead | kWrite | kExec, kPrivate), Verdict::kFatal);
  EXPECT_EQ(mmap(Stage::kServing, kRead | kExec, kPrivate), Verdict::kFatal);
  EXPECT_EQ(mmap(Stage::kServing, kRead | kWrite, kPrivate), Verdict::kFatal);
  EXPECT_EQ(mmap(Stage::kServing, kRead | kWrite, kPrivate | kAnonymous), Verdict::kAllowed);
  for (const Stage stage : kStages) {
    EXPECT_EQ(Judge(stage, SYS_mprotect, {0, 4096, kRead | kExec}), Verdict::kFatal);
    EXPECT_EQ(Judge(stage, SYS_mprotect, {0, 4096, kRead | kWrite}), Verdict::kAllowed);
  }
}

TEST(SyscallPolicy, LeavesTheMachinesHugePagesAlone) {
  for (const Stage stage : kStages) {
    EXPECT_EQ(Judge(stage, SYS_mmap, {0, 1 << 21, 3, 0x40022, 0, 0}), Verdict::kFatal);
  }
}

TEST(SyscallPolicy, StartsThreadsButNeitherProcessesNorNamespaces) {
  constexpr uint64_t kThread = 0x3d0f00, kSigchld = 17, kVfork = 0x4100, kNewUser = 0x10000000;
  EXPECT_EQ(Judge(Stage::kStarting, SYS_clone, {kThread}), Verdict::kAllowed);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_clone, {kSigchld}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_clone, {kVfork | kSigchld}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_clone, {kThread | kNewUser}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_clone3), Verdict::kRefused);
}

// The filter falls on all threads at once, and one may have been started a moment before.
TEST(SyscallPolicy, LetsAThreadThatWasJustStartedComeToItsFirstLine) {
  for (const int number : {SYS_rseq, SYS_set_robust_list, SYS_rt_sigprocmask}) {
    EXPECT_EQ(Judge(Stage::kServing, number), Verdict::kAllowed)
        << SyscallName(NativeArch(), number);
  }
}

TEST(SyscallPolicy, SeesTheTerminalTrickBehindBitsThatTheKernelDrops) {
  constexpr uint64_t kTiocsti = 0x5412, kTioclinux = 0x541c, kHigh = uint64_t{1} << 32;
  for (const Stage stage : kStages) {
    for (const uint64_t request : {kTiocsti, kTiocsti | kHigh, kTioclinux, kTioclinux | kHigh}) {
      EXPECT_EQ(Judge(stage, SYS_ioctl, {0, request}), Verdict::kFatal);
    }
  }
}

TEST(SyscallPolicy, LetsNoSignalLeaveAndNoHandlerForSigsysChangeWhileServing) {
  constexpr uint64_t kAbort = 6, kSigsys = 31, kHigh = uint64_t{1} << 32;
  EXPECT_EQ(Judge(Stage::kServing, SYS_tgkill, {1, 1, kAbort}), Verdict::kRefused);
  EXPECT_EQ(Judge(Stage::kServing, SYS_tgkill, {1, 1, 9}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kServing, SYS_rt_sigaction, {kAbort}), Verdict::kAllowed);
  EXPECT_EQ(Judge(Stage::kServing, SYS_rt_sigaction, {kSigsys}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kServing, SYS_rt_sigaction, {kSigsys | kHigh}), Verdict::kFatal);
}

TEST(SyscallPolicy, TakesNoFlagBackThatTheWorkerHasSet) {
  constexpr uint64_t kPdeathsig = 1, kDumpable = 4, kKeepCaps = 8, kUserDispatch = 59;
  EXPECT_EQ(Judge(Stage::kStarting, SYS_prctl, {kDumpable, 0}), Verdict::kAllowed);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_prctl, {kDumpable, 1}), Verdict::kFatal);
  for (const uint64_t option : {kPdeathsig, kKeepCaps, kUserDispatch}) {
    EXPECT_EQ(Judge(Stage::kStarting, SYS_prctl, {option, 0}), Verdict::kFatal) << option;
  }
  EXPECT_EQ(Judge(Stage::kStarting, SYS_prlimit64, {0, 7, 0, 1}), Verdict::kAllowed);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_prlimit64, {0, 7, 1, 0}), Verdict::kFatal);
  EXPECT_EQ(Judge(Stage::kStarting, SYS_prlimit64, {2, 7, 0, 1}), Verdict::kFatal);
}

TEST(SyscallPolicy, ForbidsEveryOtherConvention) {
  for (const Stage stage : kStages) {
    EXPECT_EQ(Expect(stage, AUDIT_ARCH_I386, SYS_read, {}), Verdict::kFatal);
    EXPECT_EQ(Expect(stage, AUDIT_ARCH_ARM, SYS_read, {}), Verdict::kFatal);
    EXPECT_EQ(Expect(stage, NativeArch(), SYS_read, {}), Verdict::kAllowed);
#ifdef __x86_64__
    EXPECT_EQ(Expect(stage, NativeArch(), 0x40000000 | SYS_read, {}), Verdict::kFatal);
#endif
  }
}

}  // namespace
}  // namespace bulkhead::lockdown
