// SPDX-License-Identifier: Apache-2.0
// What the cloned process does until it is the program. Everything it needs lies ready in a plan
// that the parent made: between clone and exec nothing is allocated and no lock is taken.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "isolation/cgroup.h"
#include "isolation/isolation_driver.h"
#include "isolation/sandbox/descriptors.h"
#include "isolation/sandbox/identity.h"
#include "isolation/sandbox/private_root.h"
#include "isolation/sandbox/step.h"
#include "lockdown/landlock.h"
#include "lockdown/resource_limits.h"
#include "lockdown/syscall_filter.h"

namespace bulkhead::isolation {

// A null-terminated vector of C strings, as execve takes it.
class TextVector {
 public:
  TextVector() : TextVector(std::vector<std::string>()) {}
  explicit TextVector(std::vector<std::string> texts);
  // The pointers follow the texts when they move, not when they are copied.
  TextVector(TextVector&&) = default;
  TextVector& operator=(TextVector&&) = default;
  TextVector(const TextVector&) = delete;
  TextVector& operator=(const TextVector&) = delete;
  ~TextVector() = default;
  [[nodiscard]] char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

struct ChildPlan {
  LayerSet layers;  // what it does; every one of them or nothing

  // The pipes between the two: the parent's ends are closed first. `alive` has the go byte, and
  // ends when the parent does.
  int parent_go = -1;
  int parent_report = -1;
  int alive = -1;
  int report = -1;

  std::vector<CgroupEntrance> cgroup;  // empty: it stays in the parent's
  Identity identity;
  RootPlan root;
  std::vector<unsigned long> cores;        // a CPU mask
  std::vector<unsigned long> cores_taken;  // as large
  DescriptorPlan descriptors;
  lockdown::LandlockRules landlock;
  int landlock_abi = 0;
  lockdown::ResourceLimits limits;
  const lockdown::SyscallFilter* filter = nullptr;

  std::string program;  // "": ends well where the program would start, for a probe
  TextVector arguments;
  TextVector environment;
};

// More cores than any kernel is built for; a mask as long as this suits each of them.
constexpr int kCoresMax = 8192;

// The mask of sched_setaffinity for these cores, each below kCoresMax.
std::vector<unsigned long> CoreMask(const std::vector<int>& cpus);

// Never returns: becomes the program, or reports the step that failed and exits.
[[noreturn]] void RunChild(ChildPlan& plan);

}  // namespace bulkhead::isolation
