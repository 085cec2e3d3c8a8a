// SPDX-License-Identifier: Apache-2.0
// Calls that administer the machine, and calls whose own code was a way into the kernel before.
// Arguments are such that a call which is let through does nothing lasting.
#include <array>
#include <cstdint>
#include <ctime>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/timex.h>

#include "base/unique_fd.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

// Calls that answer with a descriptor or a number above -1 when they succeed.
template <typename... Arguments>
Loot Try(std::string_view what, long number, Arguments... arguments) {
  const long result = ::syscall(number, arguments...);
  if (result < 0) return Refused(std::string(what));
  return Got(fmt::format("{}: {}", what, result));
}

Loot Mount(const Order&) { return Try("mount", SYS_mount, "none", "/", "tmpfs", 0UL, nullptr); }
Loot RemountRoot(const Order&) {
  return Try("remount", SYS_mount, nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr);
}
Loot Unmount(const Order&) { return Try("umount2", SYS_umount2, "/", 0); }
Loot OpenMount(const Order&) { return Try("fsopen", SYS_fsopen, "tmpfs", 0U); }
Loot OpenTree(const Order&) {
  return Try("open_tree", SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE);
}
Loot SetMount(const Order&) {
  mount_attr attributes{};
  attributes.attr_clr = MOUNT_ATTR_RDONLY;
  return Try("mount_setattr", SYS_mount_setattr, AT_FDCWD, "/", 0U, &attributes, sizeof attributes);
}
Loot PivotRoot(const Order&) { return Try("pivot_root", SYS_pivot_root, ".", "."); }
Loot Unshare(const Order&) { return Try("unshare", SYS_unshare, CLONE_NEWUSER); }
Loot UnshareNetwork(const Order&) { return Try("unshare", SYS_unshare, CLONE_NEWNET); }
Loot CloneUser(const Order&) {
  const long child = ::syscall(SYS_clone, CLONE_NEWUSER | 17, nullptr, nullptr, nullptr, 0);
  if (child == 0) ::_exit(0);
  if (child < 0) return Refused("clone a user namespace");
  return Got("a user namespace");
}
Loot EnterNamespace(const Order&) { return Try("setns", SYS_setns, 3, 0); }

Loot IoUring(const Order&) {
  io_uring_params params{};
  return Try("io_uring_setup", SYS_io_uring_setup, 1U, &params);
}
Loot Userfaultfd(const Order&) { return Try("userfaultfd", SYS_userfaultfd, O_CLOEXEC | 1); }
Loot Bpf(const Order&) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return Try("bpf", SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
}
Loot Perf(const Order&) {
  perf_event_attr event{};
  event.size = sizeof event;
  event.type = PERF_TYPE_SOFTWARE;
  event.config = PERF_COUNT_SW_TASK_CLOCK;
  event.exclude_kernel = 1;
  return Try("perf_event_open", SYS_perf_event_open, &event, 0, -1, -1, 0UL);
}
Loot AddKey(const Order&) {
  constexpr int kProcessKeyring = -2;
  return Try("add_key", SYS_add_key, "user", "bulkhead-case", "x", 1UL, kProcessKeyring);
}
// A key that the supervisor holds in its session, which children inherit.
Loot FindKey(const Order& order) {
  constexpr int kSearch = 10;
  constexpr int kSessionKeyring = -3;
  return Try("keyctl", SYS_keyctl, kSearch, kSessionKeyring, "user", order.argument.c_str(), 0UL);
}
Loot RequestKey(const Order&) {
  return Try("request_key", SYS_request_key, "user", "bulkhead-case", nullptr, 0);
}

// Characters as if typed at the terminal of whoever started us. The kernel looks at 32 bits of the
// request, so a filter that looks at 64 is fooled by the second form.
Loot TypeAtTerminal(const Order& order) {
  const unsigned long high = order.argument == "high" ? 1UL << 32 : 0;
  char letter = ' ';
  return Try("TIOCSTI", SYS_ioctl, 2, TIOCSTI | high, &letter);
}
Loot PasteAtTerminal(const Order&) {
  std::array<char, 16> selection{3};
  constexpr unsigned long kTioclinux = 0x541C;
  return Try("TIOCLINUX", SYS_ioctl, 2, kTioclinux, selection.data());
}

Loot SetClock(const Order&) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return Try("clock_settime", SYS_clock_settime, CLOCK_REALTIME, &now);
}
Loot AdjustClock(const Order&) {
  timex adjustment{};
  adjustment.modes = ADJ_TICK;
  adjustment.tick = 10'000;
  return Try("adjtimex", SYS_adjtimex, &adjustment);
}
Loot KernelLog(const Order&) {
  constexpr int kReadAll = 3;
  std::array<char, 256> text{};
  return Try("syslog", SYS_syslog, kReadAll, text.data(), static_cast<int>(text.size()));
}
// Without the second magic number it does nothing.
Loot Reboot(const Order&) { return Try("reboot", SYS_reboot, 0, 0, 0, nullptr); }
Loot LoadModule(const Order&) { return Try("init_module", SYS_init_module, "", 0UL, ""); }
Loot LoadKernel(const Order&) { return Try("kexec_load", SYS_kexec_load, 0UL, 0UL, nullptr, 0UL); }
Loot SwapOn(const Order&) { return Try("swapon", SYS_swapon, "/swap", 0); }
Loot WatchFiles(const Order&) { return Try("fanotify_init", SYS_fanotify_init, 0U, 0U); }
Loot Personality(const Order&) {
  constexpr unsigned long kNoRandomAddresses = 0x0040000;
  return Try("personality", SYS_personality, kNoRandomAddresses);
}
Loot NotifyFilter(const Order&) {
  // No program: a real one would have to be answered by somebody.
  const std::array<char, 16> program{};
  return Try("seccomp listener", SYS_seccomp, SECCOMP_SET_MODE_FILTER,
             SECCOMP_FILTER_FLAG_NEW_LISTENER, program.data());
}
// How much memory and load the machine has is the others' business.
Loot MachineLoad(const Order&) {
  std::array<char, 256> info{};
  return Try("sysinfo", SYS_sysinfo, info.data());
}
#ifdef __x86_64__
Loot IoPorts(const Order&) { return Try("iopl", SYS_iopl, 3); }
Loot LocalDescriptors(const Order&) {
  std::array<char, 16> entry{};
  return Try("modify_ldt", SYS_modify_ldt, 0, entry.data(), entry.size());
}
#endif

constexpr Attack kAttacks[] = {{"mount", Mount},
                               {"remount-root", RemountRoot},
                               {"unmount", Unmount},
                               {"open-mount", OpenMount},
                               {"open-tree", OpenTree},
                               {"set-mount", SetMount},
                               {"pivot-root", PivotRoot},
                               {"unshare-user", Unshare},
                               {"unshare-network", UnshareNetwork},
                               {"clone-user", CloneUser},
                               {"enter-namespace", EnterNamespace},
                               {"io-uring", IoUring},
                               {"userfaultfd", Userfaultfd},
                               {"bpf", Bpf},
                               {"perf", Perf},
                               {"add-key", AddKey},
                               {"find-key", FindKey},
                               {"request-key", RequestKey},
                               {"type-at-terminal", TypeAtTerminal},
                               {"paste-at-terminal", PasteAtTerminal},
                               {"set-clock", SetClock},
                               {"adjust-clock", AdjustClock},
                               {"kernel-log", KernelLog},
                               {"reboot", Reboot},
                               {"load-module", LoadModule},
                               {"load-kernel", LoadKernel},
                               {"swap-on", SwapOn},
                               {"watch-files", WatchFiles},
                               {"personality", Personality},
                               {"notify-filter", NotifyFilter},
#ifdef __x86_64__
                               {"io-ports", IoPorts},
                               {"local-descriptors", LocalDescriptors},
#endif
                               {"machine-load", MachineLoad}};

}  // namespace

std::span<const Attack> KernelAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
