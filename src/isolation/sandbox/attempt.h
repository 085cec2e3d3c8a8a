// SPDX-License-Identifier: Apache-2.0
// The parent's side of one start with one set of layers: all of it works or nothing is left.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "isolation/cgroup.h"
#include "isolation/isolation_driver.h"
#include "isolation/sandbox/step.h"
#include "lockdown/syscall_filter.h"

namespace bulkhead::isolation {

// Everything that is decided before the first process exists.
struct Preparation {
  const LaunchSpec* spec = nullptr;
  LayerSet layers;
  const Cgroup* cgroup = nullptr;                   // null: none
  std::optional<uid_t> own_id;                      // with the layer kOwnUser
  const lockdown::SyscallFilter* filter = nullptr;  // with the layer kSyscallFilter
  int landlock_abi = 0;
};

struct StartedProcess {
  pid_t pid = -1;
  base::UniqueFd process;
};

// The step that failed, the layer it belongs to, and the errno.
struct StepFailure {
  Step step = Step::kNone;
  int error = 0;
  uint32_t index = 0;
  std::optional<Layer> layer;
  std::string detail;  // what a part that speaks for itself said
};

// Clones, places, releases and waits for exec, at most 10 seconds. A spec without a program is a
// probe: it ends well where the program would start.
std::variant<StartedProcess, StepFailure> Attempt(const Preparation& preparation);

// Kills the process if it still runs, waits, and reaps it; also a process that has ended.
void KillAndReap(const StartedProcess& started);

}  // namespace bulkhead::isolation
