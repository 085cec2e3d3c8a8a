// SPDX-License-Identifier: Apache-2.0
// Who the compartment's process is on the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::isolation {

// The user and group id that every program sees as its own in its user namespace.
constexpr uid_t kInsideId = 65532;

// A user id (and group id of the same number) of the machine that nobody else has, held until it is
// destroyed or the process ends. The claim is the name of an abstract Unix socket: it is the
// kernel's, visible to every supervisor of the network namespace, and leaves nothing behind.
struct OwnId {
  uid_t id = 0;
  base::UniqueFd claim;
};

// The first id of [first, first + count) that no supervisor has claimed and no process runs as.
// kExhausted: all are in use.
base::Result<OwnId> ClaimOwnId(uid_t first, uint32_t count);

// nullopt: another supervisor has it.
std::optional<OwnId> ClaimId(uid_t id);

// Whether a process that this one can see has the user id.
bool AnyProcessOf(uid_t id);

// Whether this process may give another one a user id that is not its own.
bool MayChangeIds();

// How the child becomes someone else.
struct Identity {
  bool change = false;             // false: it stays who its parent is
  uid_t id = 0;                    // as the child's user namespace numbers it
  bool drop_groups = false;        // not allowed to an ordinary user's namespace
  bool keep_capabilities = false;  // needed where no user namespace gives them anew
};

// Child-safe: 0 or an errno. Raw system calls: the C library's own would try to change every thread
// of the parent, whose list the child inherited.
[[nodiscard]] int TakeIdentity(const Identity& identity);

}  // namespace bulkhead::isolation
