// SPDX-License-Identifier: Apache-2.0
// The port through which a program is put in a compartment of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "isolation/end.h"
#include "isolation/layer.h"
#include "lockdown/resource_limits.h"

namespace bulkhead::isolation {

// A file of the machine and the path under which the compartment sees it, read-only.
struct FileBind {
  std::filesystem::path source;
  std::filesystem::path destination;  // absolute, without "." and ".."
};

// A descriptor of the caller and the number, 3 to 1023, it gets in the compartment. Numbers 0 to 2
// are the driver's: an empty input, an output that takes nothing (EBADF), and `error_output`.
struct PassedDescriptor {
  int source = -1;
  int number = -1;
};

// The part of the machine that the compartment may use.
struct Share {
  std::vector<int> cpus;  // never empty; the process runs on these only
  int64_t memory_bytes = 0;
  int64_t processes = 0;  // threads included
};

// Everything needed to start one program. Values and borrowed descriptors; the driver keeps nothing
// of it after Start.
struct LaunchSpec {
  // Names the cgroup and the reports: 1 to 64 of [a-z0-9-], unique among running compartments.
  std::string name;
  std::vector<FileBind> files;                 // the program and every file it reads
  std::vector<std::filesystem::path> devices;  // device nodes, by the same path inside
  std::filesystem::path program;               // as seen inside
  std::vector<std::string> arguments;          // without the program's name
  std::vector<std::string> environment;        // NAME=value; nothing else is inherited
  std::vector<PassedDescriptor> descriptors;
  int error_output = -1;  // becomes descriptor 2; -1: one that takes nothing
  Share share;
  lockdown::ResourceLimits limits;
  Policy policy;
};

// A running compartment. Move only. Whoever holds it must give it back to Destroy of the driver
// that started it; a holder that dies takes the process with it (SIGKILL by the kernel), and Sweep
// of the next one removes what is left.
struct Compartment {
  std::string name;
  pid_t pid = -1;          // as the caller sees it
  base::UniqueFd process;  // a pidfd: readable once the process has ended
  LayerSet layers;         // those that were reached
};

// Why Destroy is called: what a process that still runs is recorded as.
enum class Cause : uint8_t { kKilled, kTimedOut };

// One thread at a time, and always the same one: the kernel ends a compartment when the thread that
// started it ends.
class IsolationDriver {
 public:
  IsolationDriver() = default;
  IsolationDriver(const IsolationDriver&) = delete;
  IsolationDriver& operator=(const IsolationDriver&) = delete;
  virtual ~IsolationDriver() = default;

  // Tries every layer this driver can use, one after the other. Blocks for milliseconds, leaves
  // nothing behind.
  [[nodiscard]] virtual std::vector<LayerState> Probe() = 0;

  // Builds the compartment and starts the program in it; returns when the program's first
  // instruction is about to run, or with nothing left behind.
  //
  // kInvalid: a spec that breaks the rules above, or a source that is no regular file. kNotFound: a
  // source or device that is missing. kUnavailable: a required layer that the machine does not give
  // (the detail names the layer, the step and the way out), a file that the compartment's user may
  // not read, or a program that cannot be executed. kExhausted: no memory, processes, descriptors
  // or user ids.
  [[nodiscard]] virtual base::Result<Compartment> Start(const LaunchSpec& spec) = 0;

  // Ends whatever still runs in it, waits for that, removes its cgroup, and says how it ended.
  // Blocks for as long as the kernel takes to end processes. kInvalid: not a running compartment of
  // this driver. kInternal: something could not be removed; the compartment's processes are gone
  // all the same.
  [[nodiscard]] virtual base::Result<End> Destroy(Compartment compartment, Cause cause) = 0;

  // Ends and removes what earlier holders of the same state left when they died: returns the names.
  // Call before the first Start.
  [[nodiscard]] virtual base::Result<std::vector<std::string>> Sweep() = 0;
};

}  // namespace bulkhead::isolation
