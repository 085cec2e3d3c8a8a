// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/case_list.h"

#include <cerrno>
#include <csignal>

#include <sys/syscall.h>

namespace bulkhead::sandbox_cases {
namespace {

constexpr Moment kStarting = Moment::kStarting;
constexpr Moment kServing = Moment::kServing;

constexpr Case Violation(Moment moment, std::string_view attack, std::string_view argument,
                         int number) {
  return {moment, attack, argument, Expected::kViolation, number};
}
constexpr Case Refusal(Moment moment, std::string_view attack, std::string_view argument,
                       int error) {
  return {moment, attack, argument, Expected::kRefusal, error};
}
constexpr Case Nothing(Moment moment, std::string_view attack, std::string_view argument) {
  return {moment, attack, argument, Expected::kNothing, 0};
}
constexpr Case Signal(Moment moment, std::string_view attack, int number) {
  return {moment, attack, "", Expected::kSignal, number};
}

// While it starts, the filter lets it open files, and what it finds is its own root.
constexpr Case kFiles[] = {
    Refusal(kStarting, "read", "/etc/passwd", ENOENT),
    Refusal(kStarting, "read", "/etc/shadow", ENOENT),
    Refusal(kStarting, "read", "{weights}", ENOENT),
    Refusal(kStarting, "read", "/proc/self/status", ENOENT),
    Refusal(kStarting, "read", "/proc/1/environ", ENOENT),
    Refusal(kStarting, "read", "/proc/self/root/etc/passwd", ENOENT),
    Refusal(kStarting, "read", "/proc/{supervisor}/mem", ENOENT),
    Refusal(kStarting, "read", "/sys/kernel/mm/transparent_hugepage/enabled", ENOENT),
    Refusal(kStarting, "read", "/sys/fs/cgroup/memory/tasks", ENOENT),
    Refusal(kStarting, "read", "/dev/null", ENOENT),
    Refusal(kStarting, "read", "/dev/mem", ENOENT),
    Refusal(kStarting, "read", "/dev/kmsg", ENOENT),
    Refusal(kStarting, "read", "/dev/kvm", ENOENT),
    Refusal(kStarting, "read", "/dev/fuse", ENOENT),
    Refusal(kStarting, "read", "/dev/nvidia0", ENOENT),
    Refusal(kStarting, "read", "/dev/nvidiactl", ENOENT),
    Refusal(kStarting, "read", "/dev/shm/x", ENOENT),
    Refusal(kStarting, "read", "/tmp/x", ENOENT),
    Refusal(kStarting, "read", "/run/systemd/private", ENOENT),
    Refusal(kStarting, "read-upwards", "/etc/passwd", ENOENT),
    Refusal(kStarting, "reopen-descriptor", "4", ENOENT),
    Refusal(kStarting, "list", "/", EACCES),
    Refusal(kStarting, "list", "/proc", ENOENT),
    Refusal(kStarting, "list", "/dev", ENOENT),
    Refusal(kStarting, "write", "/x", EROFS),
    Refusal(kStarting, "write", "/tmp/x", ENOENT),
    Refusal(kStarting, "write", "/dev/shm/x", ENOENT),
    Refusal(kStarting, "write", "{program}", EACCES),
    Refusal(kStarting, "write-program-file", "{program}", EACCES),
    Violation(kStarting, "make-folder", "/x", SYS_mkdir),
    Violation(kStarting, "make-link", "/x", SYS_symlink),
    Violation(kStarting, "make-hard-link", "/x", SYS_link),
    Violation(kStarting, "make-node", "/x", SYS_mknodat),
    Violation(kStarting, "remove", "{program}", SYS_unlink),
    Violation(kStarting, "change-root", "", SYS_chroot),
    Violation(kStarting, "open-by-handle", "", SYS_open_by_handle_at),
    Violation(kStarting, "run-from-memory", "", SYS_memfd_create),
    Nothing(kStarting, "count-descriptors", " 0 1 2 3 5 6"),
    Violation(kServing, "read", "/etc/passwd", SYS_openat),
    Violation(kServing, "read", "/proc/self/mem", SYS_openat),
    Violation(kServing, "read", "/dev/mem", SYS_openat),
    Violation(kServing, "write", "/x", SYS_openat),
    Violation(kServing, "list", "/", SYS_openat),
    Violation(kServing, "run-from-memory", "", SYS_memfd_create),
    Nothing(kServing, "count-descriptors", " 0 1 2 3 4 5 6"),
};

constexpr Case kNetwork[] = {
    Violation(kStarting, "socket", "1 1", SYS_socket),   // AF_UNIX
    Violation(kStarting, "socket", "2 1", SYS_socket),   // AF_INET
    Violation(kStarting, "socket", "10 2", SYS_socket),  // AF_INET6
    Violation(kStarting, "socket", "16 3", SYS_socket),  // AF_NETLINK
    Violation(kStarting, "socket", "17 3", SYS_socket),  // AF_PACKET
    Violation(kStarting, "socket", "31 1", SYS_socket),  // AF_BLUETOOTH
    Violation(kStarting, "socket", "38 5", SYS_socket),  // AF_ALG
    Violation(kStarting, "socket", "40 1", SYS_socket),  // AF_VSOCK
    Violation(kStarting, "socket", "44 3", SYS_socket),  // AF_XDP
    Violation(kStarting, "socket-pair", "", SYS_socketpair),
    Violation(kStarting, "listen-tcp", "", SYS_socket),
    Violation(kStarting, "connect-abstract", "{abstract}", SYS_socket),
    Violation(kServing, "socket", "1 1", SYS_socket),
    Violation(kServing, "socket", "2 1", SYS_socket),
    Violation(kServing, "socket", "16 3", SYS_socket),
    Violation(kServing, "socket", "40 1", SYS_socket),
    Violation(kServing, "socket-pair", "", SYS_socketpair),
    Violation(kServing, "connect-tcp", "{tcp}", SYS_socket),
    Violation(kServing, "send-udp", "{udp}", SYS_socket),
    Violation(kServing, "connect-abstract", "{abstract}", SYS_socket),
    Violation(kServing, "reconnect-frames", "{tcp}", SYS_connect),
    Refusal(kStarting, "forge-credentials", "", EINVAL),
    Refusal(kServing, "forge-credentials", "", EINVAL),
};

constexpr Case kProcesses[] = {
    Violation(kStarting, "signal", "{supervisor}", SYS_kill),
    Violation(kStarting, "signal-all", "", SYS_kill),
    Violation(kStarting, "trace", "{neighbour}", SYS_ptrace),
    Violation(kStarting, "read-process", "{neighbour}", SYS_process_vm_readv),
    Violation(kStarting, "open-pidfd", "1", SYS_pidfd_open),
    Violation(kStarting, "fork", "", SYS_clone),
    Violation(kStarting, "execute", "{program}", SYS_execve),
    Violation(kStarting, "let-be-traced", "", SYS_prctl),
    Violation(kStarting, "outlive-parent", "", SYS_prctl),
    Violation(kServing, "signal", "{supervisor}", SYS_kill),
    Violation(kServing, "signal", "{neighbour}", SYS_kill),
    Violation(kServing, "signal", "1", SYS_kill),
    Violation(kServing, "signal-all", "", SYS_kill),
    Violation(kServing, "signal-parent", "", SYS_getppid),
    Violation(kServing, "signal-thread", "{neighbour}", SYS_tgkill),
    Violation(kServing, "queue-signal", "{neighbour}", SYS_rt_sigqueueinfo),
    Violation(kServing, "open-pidfd", "{neighbour}", SYS_pidfd_open),
    Violation(kServing, "trace", "{supervisor}", SYS_ptrace),
    Violation(kServing, "trace", "{neighbour}", SYS_ptrace),
    Violation(kServing, "be-traced", "", SYS_ptrace),
    Violation(kServing, "read-process", "{supervisor}", SYS_process_vm_readv),
    Violation(kServing, "read-process", "{neighbour}", SYS_process_vm_readv),
    Violation(kServing, "open-process-memory", "{neighbour}", SYS_openat),
    Violation(kServing, "fork", "", SYS_clone),
    Violation(kServing, "execute", "{program}", SYS_execve),
    Violation(kServing, "let-be-traced", "", SYS_prctl),
    Violation(kServing, "outlive-parent", "", SYS_prctl),
    Violation(kServing, "leave-session", "", SYS_setpgid),
};

constexpr Case kIdentity[] = {
    Nothing(kStarting, "user-id", ""),
    Nothing(kStarting, "host-name", ""),
    Nothing(kStarting, "dumpable", ""),
    Nothing(kStarting, "gain-privileges", ""),
    Violation(kStarting, "become-root", "", SYS_setuid),
    Violation(kStarting, "become-dumpable", "", SYS_prctl),
    Violation(kStarting, "capabilities-ahead", "", SYS_prctl),
    Violation(kStarting, "set-host-name", "", SYS_sethostname),
    Violation(kStarting, "raise-priority", "", SYS_setpriority),
    Violation(kStarting, "shared-memory", "{shared-memory}", SYS_shmget),
    Violation(kServing, "become-root", "", SYS_setuid),
    Violation(kServing, "become-dumpable", "", SYS_prctl),
    Violation(kServing, "host-name", "", SYS_uname),
    Violation(kServing, "set-host-name", "", SYS_sethostname),
    Violation(kServing, "shared-memory", "{shared-memory}", SYS_shmget),
    Violation(kServing, "shared-namespace", "{namespace pid}", SYS_readlink),
};

constexpr Case kKernel[] = {
    Violation(kServing, "mount", "", SYS_mount),
    Violation(kServing, "remount-root", "", SYS_mount),
    Violation(kServing, "unmount", "", SYS_umount2),
    Violation(kServing, "open-mount", "", SYS_fsopen),
    Violation(kServing, "open-tree", "", SYS_open_tree),
    Violation(kServing, "set-mount", "", SYS_mount_setattr),
    Violation(kServing, "pivot-root", "", SYS_pivot_root),
    Violation(kServing, "unshare-user", "", SYS_unshare),
    Violation(kServing, "unshare-network", "", SYS_unshare),
    Violation(kServing, "clone-user", "", SYS_clone),
    Violation(kServing, "enter-namespace", "", SYS_setns),
    Violation(kServing, "io-uring", "", SYS_io_uring_setup),
    Violation(kServing, "userfaultfd", "", SYS_userfaultfd),
    Violation(kServing, "bpf", "", SYS_bpf),
    Violation(kServing, "perf", "", SYS_perf_event_open),
    Violation(kServing, "add-key", "", SYS_add_key),
    Violation(kServing, "find-key", "{key}", SYS_keyctl),
    Violation(kServing, "request-key", "", SYS_request_key),
    Violation(kServing, "type-at-terminal", "", SYS_ioctl),
    Violation(kServing, "type-at-terminal", "high", SYS_ioctl),
    Violation(kServing, "paste-at-terminal", "", SYS_ioctl),
    Violation(kServing, "set-clock", "", SYS_clock_settime),
    Violation(kServing, "adjust-clock", "", SYS_adjtimex),
    Violation(kServing, "kernel-log", "", SYS_syslog),
    Violation(kServing, "reboot", "", SYS_reboot),
    Violation(kServing, "load-module", "", SYS_init_module),
    Violation(kServing, "load-kernel", "", SYS_kexec_load),
    Violation(kServing, "swap-on", "", SYS_swapon),
    Violation(kServing, "watch-files", "", SYS_fanotify_init),
    Violation(kServing, "personality", "", SYS_personality),
    Violation(kServing, "notify-filter", "", SYS_seccomp),
    Refusal(kServing, "machine-load", "", EPERM),
    Violation(kStarting, "mount", "", SYS_mount),
    Violation(kStarting, "remount-root", "", SYS_mount),
    Violation(kStarting, "open-mount", "", SYS_fsopen),
    Violation(kStarting, "pivot-root", "", SYS_pivot_root),
    Violation(kStarting, "unshare-user", "", SYS_unshare),
    Violation(kStarting, "clone-user", "", SYS_clone),
    Violation(kStarting, "enter-namespace", "", SYS_setns),
    Violation(kStarting, "io-uring", "", SYS_io_uring_setup),
    Violation(kStarting, "userfaultfd", "", SYS_userfaultfd),
    Violation(kStarting, "bpf", "", SYS_bpf),
    Violation(kStarting, "perf", "", SYS_perf_event_open),
    Violation(kStarting, "add-key", "", SYS_add_key),
    Violation(kStarting, "find-key", "{key}", SYS_keyctl),
    Violation(kStarting, "type-at-terminal", "", SYS_ioctl),
    Violation(kStarting, "type-at-terminal", "high", SYS_ioctl),
    Violation(kStarting, "set-clock", "", SYS_clock_settime),
    Violation(kStarting, "kernel-log", "", SYS_syslog),
    Violation(kStarting, "personality", "", SYS_personality),
    Violation(kStarting, "notify-filter", "", SYS_seccomp),
    Refusal(kStarting, "machine-load", "", EPERM),
#ifdef __x86_64__
    Violation(kServing, "io-ports", "", SYS_iopl),
    Violation(kServing, "local-descriptors", "", SYS_modify_ldt),
#endif
};

constexpr Case kMemory[] = {
    Violation(kStarting, "map-writable-code", "", SYS_mmap),
    Violation(kStarting, "make-code", "", SYS_mprotect),
    Violation(kStarting, "huge-pages", "", SYS_mmap),
    Violation(kStarting, "memory-file", "", SYS_memfd_create),
    Violation(kServing, "map-writable-code", "", SYS_mmap),
    Violation(kServing, "make-code", "", SYS_mprotect),
    Violation(kServing, "huge-pages", "", SYS_mmap),
    Violation(kServing, "memory-file", "", SYS_memfd_create),
    Nothing(kServing, "read-weights-again", ""),
    Nothing(kStarting, "search-fresh-memory", "{marker}"),
    Nothing(kStarting, "search-heap", "{marker}"),
    Nothing(kStarting, "search-descriptors", "{marker}"),
    Nothing(kServing, "search-fresh-memory", "{marker}"),
    Nothing(kServing, "search-heap", "{marker}"),
};

constexpr Case kResources[] = {
    Refusal(kStarting, "threads", "200", EAGAIN),
    // glibc blocks every signal before it asks, so that the call ends the worker unreported.
    Violation(kServing, "threads", "200", -1),
    Violation(kStarting, "processes", "200", SYS_clone),
    Violation(kServing, "processes", "200", SYS_clone),
    {kStarting, "memory", "400", Expected::kOutOfMemory, 0},
    {kServing, "memory", "400", Expected::kOutOfMemory, 0},
    Refusal(kStarting, "address-space", "16384", ENOMEM),
    Refusal(kServing, "address-space", "16384", ENOMEM),
    Refusal(kStarting, "descriptors", "200", EMFILE),
    Violation(kServing, "descriptors", "200", SYS_fcntl),
    Refusal(kStarting, "grow-file", "5", EFBIG),
    Violation(kStarting, "raise-limit", "", SYS_prlimit64),
    Violation(kServing, "raise-limit", "", SYS_prlimit64),
    Refusal(kStarting, "lock-memory", "512", ENOMEM),
    Refusal(kServing, "lock-memory", "512", ENOMEM),
    Refusal(kStarting, "other-core", "{core}", EPERM),
    Refusal(kServing, "other-core", "{core}", EPERM),
    Refusal(kStarting, "real-time", "", EPERM),
    Violation(kServing, "real-time", "", SYS_sched_setscheduler),
    {kStarting, "burn-cores", "", Expected::kTimedOut, 0},
    {kServing, "burn-cores", "", Expected::kTimedOut, 0},
    {kServing, "refill-memory", "64", Expected::kTimedOut, 0},
    {kServing, "flood-log", "", Expected::kTimedOut, 0},
};

constexpr Case kCrashes[] = {
    Signal(kServing, "segfault", SIGSEGV),
    // It is process 1 of its namespace, which SIGABRT does not end: glibc goes on to an instruction
    // that ends any process.
    Signal(kServing, "abort", SIGSEGV),
    Signal(kServing, "overflow-stack", SIGSEGV),
    Signal(kServing, "illegal-instruction", SIGILL),
    Signal(kServing, "divide-by-zero", SIGFPE),
    Signal(kServing, "throw", SIGSEGV),
    {kServing, "leave", "", Expected::kExit, 0},
    {kServing, "sleep-forever", "", Expected::kTimedOut, 0},
    {kServing, "allocate-without-end", "", Expected::kOutOfMemory, 0},
    Signal(kStarting, "segfault", SIGSEGV),
    Signal(kStarting, "abort", SIGSEGV),
    Signal(kStarting, "overflow-stack", SIGSEGV),
    {kStarting, "leave", "", Expected::kExit, 0},
    {kStarting, "sleep-forever", "", Expected::kTimedOut, 0},
    {kStarting, "allocate-without-end", "", Expected::kOutOfMemory, 0},
};

// Calls that are allowed, in forms that are not.
constexpr Case kArguments[] = {
    Violation(kServing, "call", "native 9 0 4096 7 34 -1 0", SYS_mmap),
    Violation(kServing, "call", "native 9 0 4096 5 34 -1 0", SYS_mmap),
    Violation(kServing, "call", "native 9 0 4096 3 2 0 0", SYS_mmap),           // of a file
    Violation(kServing, "call", "native 9 0 2097152 3 262178 -1 0", SYS_mmap),  // huge pages
    // The kernel drops the upper half of flags and protection, or does not; neither may help.
    Violation(kServing, "call", "native 9 0 4096 4294967303 34 -1 0", SYS_mmap),
    Violation(kServing, "call", "native 10 0 4096 5", SYS_mprotect),
    // Pages shared with whoever has the same: a way to feel for what others have.
    Violation(kServing, "call", "native 28 0 0 12", SYS_madvise),
    Violation(kStarting, "call", "native 28 0 0 12", SYS_madvise),
    Violation(kServing, "call", "native 10 0 4096 4294967301", SYS_mprotect),
    Violation(kServing, "call", "native 25 0 4096 4096 5 0", SYS_mremap),  // MREMAP_DONTUNMAP
    Violation(kServing, "call", "native 25 0 4096 4096 2 0", SYS_mremap),  // MREMAP_FIXED
    Violation(kServing, "call", "native 13 31 0 0 8", SYS_rt_sigaction),   // SIGSYS
    Violation(kServing, "call", "native 13 4294967327 0 0 8", SYS_rt_sigaction),
    Violation(kStarting, "call", "native 13 31 0 0 8", SYS_rt_sigaction),
    Violation(kStarting, "call", "native 13 4294967327 0 0 8", SYS_rt_sigaction),
    Violation(kServing, "call", "native 234 1 1 9", SYS_tgkill),
    Violation(kServing, "call", "native 234 1 1 0", SYS_tgkill),
    Refusal(kServing, "call", "native 234 1 1 6", EPERM),
    Violation(kServing, "call", "native 262 4294967196 0 0 0", SYS_newfstatat),  // a path
    Violation(kServing, "call", "native 302 0 7 0 0", SYS_prlimit64),
    Violation(kStarting, "call", "native 302 1 7 0 0", SYS_prlimit64),  // another's
    Violation(kStarting, "call", "native 157 1 0", SYS_prctl),          // PR_SET_PDEATHSIG
    Violation(kStarting, "call", "native 157 4 1", SYS_prctl),          // dumpable
    Violation(kStarting, "call", "native 157 8 1", SYS_prctl),          // PR_SET_KEEPCAPS
    Violation(kStarting, "call", "native 157 59 1 0 0 0", SYS_prctl),   // syscall user dispatch
    Violation(kStarting, "call", "native 56 17", SYS_clone),            // fork
    Violation(kStarting, "call", "native 56 268435473", SYS_clone),     // CLONE_NEWUSER
    Refusal(kStarting, "call", "native 435 0 0", ENOSYS),               // clone3
    Violation(kStarting, "call", "native 317 1 8 4096", SYS_seccomp),
    Violation(kStarting, "call", "native 16 0 21522 0", SYS_ioctl),  // TIOCSTI
    Violation(kStarting, "call", "native 72 0 8 0", SYS_fcntl),      // F_SETOWN
    Violation(kStarting, "call", "native 72 0 1033 0", SYS_fcntl),   // F_ADD_SEALS
    Violation(kStarting, "call", "native 59 0 0 0", SYS_execve),
    Violation(kStarting, "call", "native 322 0 0 0 0 4096", SYS_execveat),
};

}  // namespace

std::span<const Case> FileCases() { return kFiles; }
std::span<const Case> NetworkCases() { return kNetwork; }
std::span<const Case> ProcessCases() { return kProcesses; }
std::span<const Case> IdentityCases() { return kIdentity; }
std::span<const Case> KernelCases() { return kKernel; }
std::span<const Case> MemoryCases() { return kMemory; }
std::span<const Case> ResourceCases() { return kResources; }
std::span<const Case> CrashCases() { return kCrashes; }
std::span<const Case> ArgumentCases() { return kArguments; }

}  // namespace bulkhead::sandbox_cases
