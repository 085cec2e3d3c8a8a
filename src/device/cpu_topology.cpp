// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_topology.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "device/kernel_file.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;
using std::filesystem::path;

path Below(const path& root, std::string_view absolute) {
  return path(root.string() + std::string(absolute));
}

base::Result<std::vector<int>> AllowedCpus(const path& root) {
  const path file = Below(root, "/proc/self/status");
  BH_ASSIGN(const std::string text, ReadKernelFile(file));
  constexpr std::string_view kName = "\nCpus_allowed_list:\t";
  const std::size_t start = text.find(kName);
  if (start == std::string::npos) {
    return OperatorError(Code::kCorrupt, file.string() + ": has no Cpus_allowed_list");
  }
  const std::size_t value = start + kName.size();
  auto cpus = ParseCpuList(std::string_view(text).substr(value, text.find('\n', value) - value));
  if (!cpus.ok()) return WithContext(std::move(cpus).error(), file.string());
  return cpus;
}

// The list, or an empty one where the machine has no such file.
base::Result<std::vector<int>> ReadCpuListIfAny(const path& file) {
  auto cpus = ReadCpuList(file);
  if (!cpus.ok() && cpus.error().code == Code::kNotFound) return std::vector<int>{};
  return cpus;
}

base::Result<std::map<int, int>> NumaNodes(const path& root) {
  BH_ASSIGN(const std::vector<int> nodes,
            ReadCpuListIfAny(Below(root, "/sys/devices/system/node/online")));
  std::map<int, int> node_of_cpu;
  for (const int node : nodes) {
    const std::string folder = "/sys/devices/system/node/node" + std::to_string(node);
    BH_ASSIGN(const std::vector<int> cpus, ReadCpuList(Below(root, folder + "/cpulist")));
    for (const int cpu : cpus) node_of_cpu[cpu] = node;
  }
  return node_of_cpu;
}

// The online hardware threads of the core that `cpu` belongs to. core_cpus_list is the newer name.
base::Result<std::vector<int>> Siblings(const path& root, int cpu) {
  const path folder =
      Below(root, "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology");
  auto siblings = ReadCpuList(folder / "core_cpus_list");
  if (!siblings.ok() && siblings.error().code == Code::kNotFound) {
    siblings = ReadCpuList(folder / "thread_siblings_list");
  }
  if (siblings.ok() && !std::ranges::binary_search(siblings.value(), cpu)) {
    return OperatorError(Code::kCorrupt, folder.string() + ": the CPU is not in its own core");
  }
  return siblings;
}

base::Result<CpuTopology> Read(const path& root) {
  BH_ASSIGN(const std::vector<int> allowed, AllowedCpus(root));
  BH_ASSIGN(const std::vector<int> online,
            ReadCpuList(Below(root, "/sys/devices/system/cpu/online")));
  BH_ASSIGN(const std::vector<int> efficient,
            ReadCpuListIfAny(Below(root, "/sys/devices/cpu_atom/cpus")));
  BH_ASSIGN(const auto node_of_cpu, NumaNodes(root));
  std::vector<int> usable;
  std::ranges::set_intersection(allowed, online, std::back_inserter(usable));
  CpuTopology topology;
  std::set<int> seen;
  for (const int cpu : usable) {
    if (seen.contains(cpu)) continue;
    BH_ASSIGN(const std::vector<int> siblings, Siblings(root, cpu));
    for (const int sibling : siblings) {
      if (!seen.insert(sibling).second) {
        return OperatorError(Code::kCorrupt,
                             "CPU " + std::to_string(sibling) + " is said to be in two cores");
      }
    }
    if (!std::ranges::includes(usable, siblings)) {
      std::ranges::set_intersection(siblings, usable, std::back_inserter(topology.split_cpus));
      continue;
    }
    const auto node = node_of_cpu.find(cpu);
    topology.cores.push_back({siblings, node == node_of_cpu.end() ? 0 : node->second,
                              std::ranges::binary_search(efficient, cpu)});
  }
  std::ranges::sort(topology.split_cpus);
  return topology;
}

}  // namespace

base::Result<CpuTopology> ReadCpuTopology(const path& root) {
  auto topology = Read(root);
  if (topology.ok()) return topology;
  return OperatorError(Code::kUnavailable,
                       "cannot tell which CPUs share a core: " + topology.error().detail);
}

}  // namespace bulkhead::device
