// SPDX-License-Identifier: Apache-2.0
#include "lockdown/syscall_policy.h"

#include <algorithm>
#include <cerrno>

#include <linux/audit.h>
#include <sys/syscall.h>

namespace bulkhead::lockdown {
namespace {

constexpr uint64_t kWord = 0xffff'ffff;

constexpr ArgumentTest Is(uint8_t index, uint64_t value) { return {index, kWord, value}; }
constexpr ArgumentTest IsNull(uint8_t index) { return {index, ~uint64_t{0}, 0}; }
constexpr ArgumentTest Without(uint8_t index, uint64_t bits) { return {index, bits, 0}; }
constexpr ArgumentTest HasOf(uint8_t index, uint64_t mask, uint64_t bits) {
  return {index, mask, bits};
}

template <typename... Tests>
constexpr PolicyRow Row(Verdict starting, Verdict serving, int number, std::string_view reason,
                        Tests... tests) {
  return {.number = number,
          .starting = starting,
          .serving = serving,
          .reason = reason,
          .tests = {tests...},
          .test_count = sizeof...(Tests)};
}

// Allowed in both stages, only while starting, only while serving.
template <typename... Tests>
constexpr PolicyRow Both(int number, std::string_view reason, Tests... tests) {
  return Row(Verdict::kAllowed, Verdict::kAllowed, number, reason, tests...);
}
template <typename... Tests>
constexpr PolicyRow Starting(int number, std::string_view reason, Tests... tests) {
  return Row(Verdict::kAllowed, Verdict::kFatal, number, reason, tests...);
}
template <typename... Tests>
constexpr PolicyRow Serving(int number, std::string_view reason, Tests... tests) {
  return Row(Verdict::kFatal, Verdict::kAllowed, number, reason, tests...);
}

// Answered with an errno where the row says kRefused.
constexpr PolicyRow Refusing(PolicyRow row, int refusal) {
  row.refusal = refusal;
  return row;
}

// Values of the kernel's interface (include/uapi of Linux 6.15). Written here because the headers
// that have them redefine each other's types.
constexpr uint64_t kProtWrite = 2;
constexpr uint64_t kProtExec = 4;
constexpr uint64_t kMapAnonymous = 0x20;
constexpr uint64_t kMapHugePages = 0x40000;
constexpr uint64_t kRemapMayMove = 1;
constexpr uint64_t kEmptyPath = 0x1000;
constexpr uint64_t kSigAbort = 6;

// pthread_create of glibc where clone3 does not exist: VM, FS, FILES, SIGHAND, THREAD, SYSVSEM,
// SETTLS, PARENT_SETTID, CHILD_CLEARTID.
constexpr uint64_t kThreadFlags = 0x3d0f00;

constexpr auto kRefused = Verdict::kRefused;
constexpr auto kFatal = Verdict::kFatal;

// clang-format off
constexpr PolicyRow kRows[] = {
  // Frames, weights, setup, status, log: descriptors that are there already.
  Both(SYS_read, "frames; weights, setup and libraries"),
  Both(SYS_write, "replies, status, log"),
  Both(SYS_writev, "replies; glibc's last words before abort"),
  Both(SYS_recvfrom, "frames"),
  Both(SYS_sendto, "replies"),
  Both(SYS_recvmsg, "frames"),
  Both(SYS_sendmsg, "replies in pieces"),
  Both(SYS_ppoll, "waits for frames"),
  Both(SYS_close, "weights after loading, frames at the end"),
  Both(SYS_fstat, "standard output's first use"),
  Serving(SYS_newfstatat, "glibc's fstat: no path", Is(3, kEmptyPath)),
  Starting(SYS_newfstatat, "the loader looks for libraries"),

  // Memory. Serving maps nothing executable and no file. Huge pages are the machine's, not the
  // cgroup's.
  Both(SYS_brk, "malloc"),
  Both(SYS_munmap, "malloc"),
  // Not MADV_MERGEABLE: pages shared with whoever has the same ones tell what others have.
  Both(SYS_madvise, "malloc; ends threads", Is(2, 4 /* MADV_DONTNEED */)),
  Both(SYS_madvise, "other allocators", Is(2, 8 /* MADV_FREE */)),
  Both(SYS_madvise, "large tensors", Is(2, 14 /* MADV_HUGEPAGE */)),
  Both(SYS_madvise, "keeps weights to this process", Is(2, 10 /* MADV_DONTFORK */)),
  Both(SYS_madvise, "keeps frames out of core dumps", Is(2, 16 /* MADV_DONTDUMP */)),
  Both(SYS_madvise, "keeps frames to this process", Is(2, 18 /* MADV_WIPEONFORK */)),
  Both(SYS_mremap, "realloc", Without(3, ~kRemapMayMove)),
  Serving(SYS_mmap, "malloc", Without(2, kProtExec),
          HasOf(3, kMapAnonymous | kMapHugePages, kMapAnonymous)),
  Starting(SYS_mmap, "malloc, weights, libraries' data", Without(2, kProtExec),
           Without(3, kMapHugePages)),
  // Code comes from a file and is not written: a model that takes over the loading process finds
  // no page to write code into.
  Starting(SYS_mmap, "libraries' code", HasOf(2, kProtExec | kProtWrite, kProtExec),
           Without(3, kMapAnonymous | kMapHugePages)),
  Both(SYS_mprotect, "malloc; the loader's read-only relocations", Without(2, kProtExec)),
  Both(SYS_mlock, "keeps frames and weights out of swap; RLIMIT_MEMLOCK bounds it"),
  Both(SYS_munlock, "the same, given back"),

  // Threads. They exist before serving begins.
  Both(SYS_futex, "locks and waits"),
  Both(SYS_sched_yield, "ONNX Runtime's threads while they spin"),
  Both(SYS_sched_getaffinity, "how many cores are ours"),
  Both(SYS_getcpu, "ONNX Runtime's thread pool where the vDSO has none"),
  Both(SYS_exit, "a thread ends"),
  Both(SYS_exit_group, "the process ends"),
  Both(SYS_rt_sigprocmask, "threads begin and end; abort"),
  Both(SYS_rt_sigreturn, "a handler returns"),
  Both(SYS_restart_syscall, "a wait goes on after a stop; the kernel's own doing"),
  Starting(SYS_clone, "a thread; never a process or a namespace", Is(0, kThreadFlags)),
  // The last threads may not have come to their first line when serving begins.
  Both(SYS_set_robust_list, "a thread begins"),
  Both(SYS_rseq, "a thread begins"),
  Starting(SYS_set_tid_address, "the first thread begins"),
  // Its flags lie in memory, which a filter cannot read; glibc takes clone when it is told that
  // there is none.
  Refusing(Row(kRefused, kFatal, SYS_clone3, "glibc asks first"), ENOSYS),
  // The cores are the compartment's share. ONNX Runtime goes on without.
  Refusing(Row(kRefused, kRefused, SYS_sched_setaffinity, "libraries pin their threads"), EPERM),
  Refusing(Row(kRefused, kFatal, SYS_sched_setscheduler, "libraries raise their threads"), EPERM),
  Starting(SYS_sched_getscheduler, "pthread_getschedparam"),
  Starting(SYS_sched_getparam, "pthread_getschedparam"),

  // Signals. Refusing its signal to abort leads it to the instruction that ends the process; for
  // process 1 of a namespace SIGABRT would be ignored anyway. No signal leaves the process.
  Refusing(Row(kRefused, kRefused, SYS_tgkill, "abort", Is(2, kSigAbort)), EPERM),
  Starting(SYS_rt_sigaction, "handlers, ours for SIGSYS among them"),
  Serving(SYS_rt_sigaction, "abort", Is(0, kSigAbort)),

  // Time, chance and itself.
  Both(SYS_clock_gettime, "where the vDSO cannot"),
  Both(SYS_clock_getres, "where the vDSO cannot"),
  Both(SYS_clock_nanosleep, "std::this_thread::sleep_for"),
  Both(SYS_nanosleep, "the same in older libraries"),
  Both(SYS_gettimeofday, "where the vDSO cannot"),
  Both(SYS_getrandom, "hash seeds"),
  Both(SYS_getpid, "abort"),
  Both(SYS_gettid, "abort"),
  Both(SYS_getrusage, "its own use"),
  Starting(SYS_getuid, "libraries"),
  Starting(SYS_geteuid, "libraries"),
  Starting(SYS_getgid, "libraries"),
  Starting(SYS_getegid, "libraries"),
  Starting(SYS_uname, "libraries ask for the kernel's release"),
  // It tells the load and free memory of the whole machine; qsort of glibc 2.36 asks, and sorts
  // without an answer.
  Refusing(Row(kRefused, kRefused, SYS_sysinfo, "qsort"), EPERM),
  Starting(SYS_prlimit64, "reads its own limits", Is(0, 0), IsNull(2)),

  // Files: read-only by mount and Landlock, and out of reach while serving.
  Starting(SYS_openat, "libraries, device nodes"),
  Starting(SYS_pread64, "the loader reads headers"),
  Starting(SYS_lseek, "buffered files"),
  Starting(SYS_getdents64, "ONNX Runtime lists devices"),
  Starting(SYS_readlinkat, "the loader finds the program"),
  Starting(SYS_faccessat, "the loader looks for preloads"),
  Starting(SYS_getcwd, "relative paths"),
  Starting(SYS_fcntl, "close on exec", Is(1, 1 /* F_GETFD */)),
  Starting(SYS_fcntl, "close on exec", Is(1, 2 /* F_SETFD */)),
  Starting(SYS_fcntl, "fopen, fdopen", Is(1, 3 /* F_GETFL */)),
  Starting(SYS_fcntl, "not blocking", Is(1, 4 /* F_SETFL */)),
  Starting(SYS_fcntl, "a copy", Is(1, 1030 /* F_DUPFD_CLOEXEC */)),
  Refusing(Row(kRefused, kFatal, SYS_ioctl, "is it a terminal", Is(1, 0x5401 /* TCGETS */)),
           ENOTTY),

  // The way into the program, and its own lockdown.
  Starting(SYS_execve, "the worker itself, once: violation.h closes it"),
  Both(SYS_prctl, "thread names", Is(0, 15 /* PR_SET_NAME */)),
  Starting(SYS_prctl, "not dumpable, again after exec", Is(0, 4 /* PR_SET_DUMPABLE */), Is(1, 0)),
  Starting(SYS_prctl, "reads it back", Is(0, 3 /* PR_GET_DUMPABLE */)),
  Starting(SYS_prctl, "reads it back", Is(0, 39 /* PR_GET_NO_NEW_PRIVS */)),
  // 8 is NEW_LISTENER.
  Starting(SYS_seccomp, "the next filter", Is(0, 1 /* SET_MODE_FILTER */), Without(1, 8)),
  Starting(SYS_seccomp, "libseccomp asks what the kernel has", Is(0, 1), IsNull(2)),
  Starting(SYS_seccomp, "libseccomp asks what the kernel has", Is(0, 0), Is(1, 1)),
  Starting(SYS_seccomp, "libseccomp asks what the kernel has", Is(0, 2 /* GET_ACTION_AVAIL */)),
  Starting(SYS_seccomp, "libseccomp asks what the kernel has", Is(0, 3 /* GET_NOTIF_SIZES */)),
  Starting(SYS_pipe2, "libseccomp writes the next filter to a descriptor"),

#ifdef __x86_64__
  // Names that other architectures never had.
  Both(SYS_poll, "waits for frames"),
  Both(SYS_time, "where the vDSO cannot"),
  Starting(SYS_open, "older builds of libraries"),
  Starting(SYS_stat, "older builds of libraries"),
  Starting(SYS_lstat, "older builds of libraries"),
  Starting(SYS_access, "the loader looks for preloads"),
  Starting(SYS_readlink, "the loader finds the program"),
  Starting(SYS_getrlimit, "older builds of libraries"),
  Starting(SYS_arch_prctl, "thread-local storage; AMX tiles"),
#endif
};
// clang-format on

#ifdef __x86_64__
constexpr uint32_t kNativeArch = AUDIT_ARCH_X86_64;
constexpr uint32_t kForeignNumbers = 0x40000000;  // x32
#elif defined(__aarch64__)
constexpr uint32_t kNativeArch = AUDIT_ARCH_AARCH64;
constexpr uint32_t kForeignNumbers = 0;
#else
#error "no system call policy for this architecture"
#endif

bool Applies(const PolicyRow& row, const std::array<uint64_t, 6>& arguments) {
  const std::span<const ArgumentTest> tests(row.tests.data(), row.test_count);
  return std::ranges::all_of(tests, [&arguments](const ArgumentTest& test) {
    return (arguments.at(test.index) & test.mask) == test.value;
  });
}

}  // namespace

std::span<const PolicyRow> PolicyRows() { return kRows; }

uint32_t NativeArch() { return kNativeArch; }

Verdict Expect(Stage stage, uint32_t arch, int number, const std::array<uint64_t, 6>& arguments) {
  const bool foreign = (static_cast<uint32_t>(number) & kForeignNumbers) != 0;
  if (arch != kNativeArch || foreign) return kFatal;
  for (const PolicyRow& row : kRows) {
    const Verdict verdict = stage == Stage::kStarting ? row.starting : row.serving;
    if (row.number == number && verdict != kFatal && Applies(row, arguments)) return verdict;
  }
  return kFatal;
}

}  // namespace bulkhead::lockdown
