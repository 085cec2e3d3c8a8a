// SPDX-License-Identifier: Apache-2.0
// Who it is on the machine, what it may, and which of the machine's names it sees.
#include <array>
#include <charconv>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/unique_fd.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

// The id that every compartment sees as its own.
constexpr uid_t kUserInside = 65532;

Loot UserId(const Order&) {
  if (::getuid() == kUserInside && ::getgid() == kUserInside) return Nothing("the id of everyone");
  return Got(fmt::format("its user id on the machine, {}", ::getuid()));
}

Loot BecomeRoot(const Order&) {
  if (::syscall(SYS_setuid, 0) != 0) return Refused("setuid");
  return Got("root");
}

Loot Groups(const Order&) {
  std::array<gid_t, 64> groups{};
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  if (count < 0) return Refused("getgroups");
  if (count == 0) return Nothing("no groups");
  return Got(fmt::format("{} groups", count));
}

Loot Capabilities(const Order&) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return Refused("capget");
  unsigned int held = 0;
  for (const auto& set : sets) held |= set.effective | set.permitted | set.inheritable;
  return held == 0 ? Nothing("no capability") : Got("capabilities");
}

// A set-user-id program, or one with capabilities of its own, could bring them back.
Loot CapabilitiesAhead(const Order&) {
  int held = 0;
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    const int here = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (here < 0) return Refused("PR_CAPBSET_READ");
    held += here;
  }
  return held == 0 ? Nothing("none") : Got(fmt::format("{} capabilities ahead", held));
}

// Above every process of the machine.
Loot RaisePriority(const Order&) {
  if (::setpriority(PRIO_PROCESS, 0, -20) != 0) return Refused("setpriority");
  return Got("the highest priority");
}

Loot GainPrivileges(const Order&) {
  const int set = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  if (set < 0) return Refused("PR_GET_NO_NEW_PRIVS");
  return set == 1 ? Nothing("no new privileges") : Got("the right to gain privileges");
}

// The file is a copy of this program that belongs to root and has the set-user-id bit.
Loot SetUserId(const Order& order) {
  std::string name = "hostile-worker";
  std::string word = "tell";
  std::array<char*, 3> arguments{name.data(), word.data(), nullptr};
  std::array<char*, 1> none{};
  ::execve(order.argument.c_str(), arguments.data(), none.data());
  return Refused("execve");
}

// Then its memory, weights and all, can be dumped and read.
Loot Dumpable(const Order&) {
  const int set = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  if (set < 0) return Refused("PR_GET_DUMPABLE");
  return set == 0 ? Nothing("not dumpable") : Got("a core dump");
}

Loot BecomeDumpable(const Order&) {
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return Refused("PR_SET_DUMPABLE");
  return Got("a core dump");
}

Loot HostName(const Order&) {
  utsname names{};
  if (::uname(&names) != 0) return Refused("uname");
  const std::string name = names.nodename;
  return name == "compartment" ? Nothing("no host name") : Got("the host's name");
}

Loot SetHostName(const Order&) {
  if (::syscall(SYS_sethostname, "owned", 5) != 0) return Refused("sethostname");
  return Got("a host name of its choice");
}

// "NAMESPACE LINK": the link of the supervisor's namespace.
Loot SharedNamespace(const Order& order) {
  const std::size_t space = order.argument.find(' ');
  const std::string path = "/proc/self/ns/" + order.argument.substr(0, space);
  std::array<char, 128> link{};
  const ssize_t size = ::readlink(path.c_str(), link.data(), link.size());
  if (size < 0) return Refused("read " + path);
  const std::string_view own(link.data(), static_cast<std::size_t>(size));
  if (own == order.argument.substr(space + 1)) return Got("the machine's own " + std::string(own));
  return Nothing("a namespace of its own");
}

// Where the group lies tells the names of its neighbours.
Loot CgroupPath(const Order& order) {
  const base::UniqueFd file(::open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return Refused("open /proc/self/cgroup");
  std::string text(4096, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return Refused("read /proc/self/cgroup");
  text.resize(static_cast<std::size_t>(size));
  if (text.find(order.argument) == std::string::npos) return Nothing("no path of a cgroup");
  return Got("its path among the cgroups");
}

// System V memory of the machine, open to everyone.
Loot SharedMemory(const Order& order) {
  key_t key = 0;
  std::from_chars(order.argument.data(), order.argument.data() + order.argument.size(), key);
  const int segment = ::shmget(key, 0, 0);
  if (segment < 0) return Refused("shmget");
  return Got("shared memory of the machine");
}

constexpr Attack kAttacks[] = {{"user-id", UserId},
                               {"become-root", BecomeRoot},
                               {"groups", Groups},
                               {"capabilities", Capabilities},
                               {"capabilities-ahead", CapabilitiesAhead},
                               {"raise-priority", RaisePriority},
                               {"gain-privileges", GainPrivileges},
                               {"set-user-id", SetUserId},
                               {"dumpable", Dumpable},
                               {"become-dumpable", BecomeDumpable},
                               {"host-name", HostName},
                               {"set-host-name", SetHostName},
                               {"shared-namespace", SharedNamespace},
                               {"cgroup-path", CgroupPath},
                               {"shared-memory", SharedMemory}};

}  // namespace

std::span<const Attack> IdentityAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
