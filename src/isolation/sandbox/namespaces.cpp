// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/namespaces.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::isolation {
namespace {

struct NamespaceFlag {
  Layer layer;
  uint64_t flag;
};
constexpr std::array<NamespaceFlag, 6> kFlags = {
    NamespaceFlag{Layer::kUserNamespace, CLONE_NEWUSER},
    NamespaceFlag{Layer::kMountNamespace, CLONE_NEWNS},
    NamespaceFlag{Layer::kPidNamespace, CLONE_NEWPID},
    NamespaceFlag{Layer::kNetworkNamespace, CLONE_NEWNET},
    NamespaceFlag{Layer::kIpcNamespace, CLONE_NEWIPC},
    NamespaceFlag{Layer::kUtsNamespace, CLONE_NEWUTS}};

constexpr std::string_view kHostName = "compartment";

// The kernel takes a map in one write or not at all.
int WriteProc(pid_t pid, std::string_view file, std::string_view text) {
  const std::string path = fmt::format("/proc/{}/{}", pid, file);
  const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) return errno;
  return ::write(fd.get(), text.data(), text.size()) < 0 ? errno : 0;
}

}  // namespace

uint64_t NamespaceFlags(const LayerSet& layers) {
  uint64_t flags = 0;
  for (const NamespaceFlag& namespace_flag : kFlags) {
    if (layers.Has(namespace_flag.layer)) flags |= namespace_flag.flag;
  }
  return flags;
}

// clone, not clone3: the filter of a container cannot look into clone3's arguments and so answers
// it with ENOSYS. Both take all the flags needed here.
pid_t CloneProcess(uint64_t flags, base::UniqueFd& process) {
  // A handler of the parent must not run in the child; the child unblocks once it has none left.
  sigset_t all = {};
  sigset_t before = {};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const auto pid = static_cast<pid_t>(
      ::syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, nullptr));
  if (pid == 0) return 0;
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid > 0) process = base::UniqueFd(pidfd);
  errno = error;
  return pid;
}

int WriteIdMaps(pid_t pid, const IdMap& map) {
  if (map.deny_setgroups) {
    if (const int error = WriteProc(pid, "setgroups", "deny"); error != 0) return error;
  }
  const std::string groups = fmt::format("{} {} 1", map.inside, map.outside_group);
  if (const int error = WriteProc(pid, "gid_map", groups); error != 0) return error;
  return WriteProc(pid, "uid_map", fmt::format("{} {} 1", map.inside, map.outside_user));
}

int EnterCgroupNamespace() { return ::unshare(CLONE_NEWCGROUP) == 0 ? 0 : errno; }

int SetHostName() { return ::sethostname(kHostName.data(), kHostName.size()) == 0 ? 0 : errno; }

int StartSession() {
  if (::setsid() < 0) return errno;
  // Keys do not belong to any namespace: a process keeps those of the session that it comes from. A
  // kernel without keys and a container that forbids them have none to give.
  constexpr int kJoinSessionKeyring = 1;
  if (::syscall(SYS_keyctl, kJoinSessionKeyring, nullptr) >= 0) return 0;
  return errno == ENOSYS || errno == EPERM ? 0 : errno;
}

}  // namespace bulkhead::isolation
