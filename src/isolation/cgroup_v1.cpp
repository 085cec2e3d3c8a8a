// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup_v1.h"

#include <optional>
#include <vector>

#include "isolation/cgroup_files.h"
#include "isolation/cpu_list.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;

// A cpuset starts without cores and memory nodes, and takes no process before it has both.
base::Status InheritCpuset(const fs::path& group, const char* file) {
  BH_ASSIGN(const std::string wanted, ReadValue(group.parent_path() / file));
  BH_ASSIGN(const std::string present, ReadValue(group / file));
  if (present == wanted) return base::Ok();
  return WriteChecked(group / file, wanted, wanted);
}

base::Status LimitMemory(const fs::path& group, int64_t bytes) {
  const std::string text = std::to_string(bytes);
  const std::string kept = std::to_string(WholePages(bytes));
  // Memory alone first: memory with swap may never be below it.
  BH_TRY(WriteChecked(group / "memory.limit_in_bytes", text, kept));
  const fs::path with_swap = group / "memory.memsw.limit_in_bytes";
  if (fs::exists(with_swap)) BH_TRY(WriteChecked(with_swap, text, kept));
  // Where swap is not counted (swapaccount=0), 0 still forbids to swap for the sake of this limit
  // (memory.rst, 5.3). Neither file keeps a machine that is short itself from swapping the group
  // out; version 2 does.
  return WriteChecked(group / "memory.swappiness", "0", "0");
}

base::Status LimitCpus(const fs::path& group, const std::vector<int>& cpus) {
  BH_TRY(InheritCpuset(group, "cpuset.mems"));
  const std::string text = FormatCpuList(cpus);
  return WriteChecked(group / "cpuset.cpus", text, text);
}

std::string WhyNot(const base::Error& error) {
  if (error.code == base::Code::kDenied) {
    return error.detail +
           ": run as root (version 1 is not for ordinary users), or boot with "
           "version 2 (systemd.unified_cgroup_hierarchy=1)";
  }
  return error.detail;
}

}  // namespace

CgroupController PrepareVersion1(Layer layer, const fs::path& own, const std::string& folder_name) {
  CgroupController controller;
  controller.layer = layer;
  controller.version = 1;
  const fs::path folder = own / folder_name;
  const base::Status made = MakeGroup(folder);
  if (!made.ok() && made.error().code != base::Code::kConflict) {
    controller.reason = WhyNot(made.error());
    return controller;
  }
  if (layer == Layer::kCgroupCpus) {
    for (const char* file : {"cpuset.mems", "cpuset.cpus"}) {
      const base::Status inherited = InheritCpuset(folder, file);
      if (inherited.ok()) continue;
      controller.reason = WhyNot(inherited.error());
      if (made.ok()) fs::remove(folder);
      return controller;
    }
  }
  controller.parent = folder;
  return controller;
}

base::Status LimitVersion1(Layer layer, const fs::path& group, const CgroupLimits& limits) {
  switch (layer) {
    case Layer::kCgroupMemory:
      return LimitMemory(group, limits.memory_bytes);
    case Layer::kCgroupPids: {
      const std::string text = std::to_string(limits.processes);
      return WriteChecked(group / "pids.max", text, text);
    }
    case Layer::kCgroupCpus:
      return LimitCpus(group, limits.cpus);
    default:
      return base::OperatorError(base::Code::kInternal, "not a layer of cgroups");
  }
}

}  // namespace bulkhead::isolation
