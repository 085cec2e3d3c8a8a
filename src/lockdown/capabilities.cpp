// SPDX-License-Identifier: Apache-2.0
#include "lockdown/capabilities.h"

#include <cerrno>

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

struct Sets {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3]{};
};

long Prctl(int option, unsigned long first, unsigned long second = 0) {
  return ::syscall(SYS_prctl, option, first, second, 0UL, 0UL);
}

// CAP_SETPCAP is what the next two steps need. Without it they change nothing, and no_new_privs
// says that they need not.
int WithoutSetpcap(int error) {
  return error == EPERM && Prctl(PR_GET_NO_NEW_PRIVS, 0) == 1 ? 0 : error;
}

int LockSecurebits() {
  constexpr unsigned long kBits =
      SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_CAP_AMBIENT_RAISE | SECURE_ALL_LOCKS;
  return Prctl(PR_SET_SECUREBITS, kBits) == 0 ? 0 : WithoutSetpcap(errno);
}

int EmptyBoundingSet() {
  // The kernel may know more capabilities than our headers: the first one that it does not know
  // ends the list.
  for (unsigned long capability = 0;; ++capability) {
    const long held = Prctl(PR_CAPBSET_READ, capability);
    if (held < 0) return errno == EINVAL && capability > CAP_SETPCAP ? 0 : errno;
    if (held == 0) continue;
    if (Prctl(PR_CAPBSET_DROP, capability) != 0) return WithoutSetpcap(errno);
  }
}

int CheckEmpty() {
  Sets sets;
  if (::syscall(SYS_capget, &sets.header, sets.words) != 0) return errno;
  unsigned int held = 0;
  for (const auto& word : sets.words) held |= word.effective | word.permitted | word.inheritable;
  return held == 0 ? 0 : EPERM;
}

}  // namespace

int DropCapabilities() {
  if (Prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL) != 0) return errno;
  if (const int error = LockSecurebits(); error != 0) return error;
  if (const int error = EmptyBoundingSet(); error != 0) return error;
  Sets none;
  if (::syscall(SYS_capset, &none.header, none.words) != 0) return errno;
  return CheckEmpty();
}

}  // namespace bulkhead::lockdown
