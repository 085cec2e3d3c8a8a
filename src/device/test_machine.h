// SPDX-License-Identifier: Apache-2.0
// For tests only: writes a machine's description below a folder, in the files and forms of the
// kernel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/test_folder.h"
#include "device/cpu_topology.h"

namespace bulkhead::device {

class TestFolder : public base::TestFolder {
 public:
  using base::TestFolder::TestFolder;

  // `file` is absolute on the machine that is described.
  void Write(const std::string& file, const std::string& text) const {
    const std::filesystem::path place(path().string() + file);
    std::filesystem::create_directories(place.parent_path());
    std::ofstream(place) << text;
  }
  void Remove(const std::string& file) const { std::filesystem::remove(path().string() + file); }
};

struct TestMachine {
  std::vector<Core> cores;
  std::string allowed;  // Cpus_allowed_list
  int64_t memory_mib = 0;
  int64_t available_mib = 0;
  bool numa = true;
};

inline std::string ListText(const std::vector<int>& cpus) {
  std::string text;
  for (const int cpu : cpus) text += (text.empty() ? "" : ",") + std::to_string(cpu);
  return text + "\n";
}

inline void WriteMachine(const TestMachine& machine, const TestFolder& folder) {
  const std::string system = "/sys/devices/system/";
  std::vector<int> online;
  std::vector<int> efficient;
  std::map<int, std::vector<int>> nodes;
  for (const Core& core : machine.cores) {
    for (const int cpu : core.cpus) {
      online.push_back(cpu);
      nodes[core.numa_node].push_back(cpu);
      if (core.efficient) efficient.push_back(cpu);
      folder.Write(system + "cpu/cpu" + std::to_string(cpu) + "/topology/core_cpus_list",
                   ListText(core.cpus));
    }
  }
  std::ranges::sort(online);
  folder.Write(system + "cpu/online", ListText(online));
  if (!efficient.empty()) folder.Write("/sys/devices/cpu_atom/cpus", ListText(efficient));
  std::vector<int> node_numbers;
  for (auto& [node, cpus] : nodes) {
    std::ranges::sort(cpus);
    node_numbers.push_back(node);
    if (!machine.numa) continue;
    folder.Write(system + "node/node" + std::to_string(node) + "/cpulist", ListText(cpus));
  }
  if (machine.numa) folder.Write(system + "node/online", ListText(node_numbers));
  folder.Write("/proc/self/status", "Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t" +
                                        machine.allowed + "\nMems_allowed_list:\t0\n");
  folder.Write("/proc/meminfo", "MemTotal:       " + std::to_string(machine.memory_mib * 1024) +
                                    " kB\nMemFree:          123456 kB\nMemAvailable:   " +
                                    std::to_string(machine.available_mib * 1024) + " kB\n");
  folder.Write("/proc/self/cgroup", "0::/\n");
  folder.Write("/proc/self/mountinfo", "22 27 0:21 / /proc rw,relatime - proc proc rw\n");
  folder.Write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Example 9000\n");
}

// A virtual machine of two cores with one thread each.
inline TestMachine TwoCoreVm() { return {{{{0}}, {{1}}}, "0-1", 8192, 7168}; }

// Two sockets of four cores with two threads each, numbered as servers do: the first threads of
// all cores before the second ones.
inline TestMachine TwoSocketServer() {
  TestMachine machine{{}, "0-15", 65536, 61440};
  for (int core = 0; core < 8; ++core) machine.cores.push_back({{core, core + 8}, core / 4});
  return machine;
}

// Two fast cores with two threads each and four slower ones, as laptops number them.
inline TestMachine HybridLaptop() {
  TestMachine machine{{{{0, 1}}, {{2, 3}}}, "0-7", 16384, 12288};
  for (int cpu = 4; cpu < 8; ++cpu) machine.cores.push_back({{cpu}, 0, true});
  return machine;
}

// A container on that server which may use two whole cores of the first socket and one thread of a
// third, within 8 GiB of which 3 GiB are taken.
inline void WriteContainer(const TestFolder& folder) {
  TestMachine machine = TwoSocketServer();
  machine.allowed = "1-3,9-10";
  WriteMachine(machine, folder);
  folder.Write("/proc/self/mountinfo",
               "31 23 0:28 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n");
  folder.Write("/sys/fs/cgroup/memory.max", "8589934592\n");
  folder.Write("/sys/fs/cgroup/memory.current", "4294967296\n");
  folder.Write("/sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 1073741824\nslab 5\n");
}

}  // namespace bulkhead::device
