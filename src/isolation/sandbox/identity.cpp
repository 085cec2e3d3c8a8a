// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/identity.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace bulkhead::isolation {
namespace {

struct CapabilityState {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
};

bool HasEffective(int capability) {
  CapabilityState state;
  if (::syscall(SYS_capget, &state.header, state.sets) != 0) return false;
  return (state.sets[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

int RaisePermitted() {
  CapabilityState state;
  if (::syscall(SYS_capget, &state.header, state.sets) != 0) return errno;
  for (auto& set : state.sets) set.effective = set.permitted;
  return ::syscall(SYS_capset, &state.header, state.sets) == 0 ? 0 : errno;
}

}  // namespace

std::optional<OwnId> ClaimId(uid_t id) {
  base::UniqueFd claim(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!claim.valid()) return std::nullopt;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // A first byte of zero makes the name abstract; it ends where the length says.
  const std::string name = fmt::format("bulkhead-user-{}", id);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(claim.get(), generic, length) != 0) return std::nullopt;
  return OwnId{id, std::move(claim)};
}

bool AnyProcessOf(uid_t id) {
  errno = 0;
  return ::getpriority(PRIO_USER, id) != -1 || errno != ESRCH;
}

base::Result<OwnId> ClaimOwnId(uid_t first, uint32_t count) {
  for (uint32_t slot = 0; slot < count; ++slot) {
    std::optional<OwnId> own = ClaimId(first + slot);
    if (own.has_value() && !AnyProcessOf(own->id)) return *std::move(own);
  }
  return base::OperatorError(
      base::Code::kExhausted,
      fmt::format("all {} user ids from {} on belong to running compartments", count, first));
}

bool MayChangeIds() { return HasEffective(CAP_SETUID) && HasEffective(CAP_SETGID); }

int TakeIdentity(const Identity& identity) {
  if (!identity.change) return 0;
  const auto id = identity.id;
  if (identity.keep_capabilities && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
  if (identity.drop_groups && ::syscall(SYS_setgroups, 0, nullptr) != 0) return errno;
  if (::syscall(SYS_setresgid, id, id, id) != 0) return errno;
  if (::syscall(SYS_setresuid, id, id, id) != 0) return errno;
  return identity.keep_capabilities ? RaisePermitted() : 0;
}

}  // namespace bulkhead::isolation
