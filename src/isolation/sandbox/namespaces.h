// SPDX-License-Identifier: Apache-2.0
// A process in namespaces of its own.
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "isolation/layer.h"

namespace bulkhead::isolation {

// The CLONE_NEW... flags of the namespaces in `layers`, but for the cgroup namespace, which the
// child enters once it is in its cgroup.
uint64_t NamespaceFlags(const LayerSet& layers);

// fork() into new namespaces: returns twice, 0 in the child, which must go on child-safe (see
// lockdown) with every signal blocked. -1: errno says why. `process` becomes a pidfd in the parent.
pid_t CloneProcess(uint64_t flags, base::UniqueFd& process);

// A user and a group id of the new namespace, and what they are outside.
struct IdMap {
  uid_t inside = 0;
  uid_t outside_user = 0;
  gid_t outside_group = 0;
  // An ordinary user may not map a group while the child could still drop groups.
  bool deny_setgroups = false;
};

// Writes the maps of the user namespace of `pid`: 0 or an errno.
[[nodiscard]] int WriteIdMaps(pid_t pid, const IdMap& map);

// Child-safe: 0 or an errno.
[[nodiscard]] int EnterCgroupNamespace();
[[nodiscard]] int SetHostName();
// A session without a terminal, and without the keys of the one that it comes from.
[[nodiscard]] int StartSession();

}  // namespace bulkhead::isolation
