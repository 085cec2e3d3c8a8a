// SPDX-License-Identifier: Apache-2.0
#include "device/host_memory.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked_math.h"
#include "device/kernel_file.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;
using std::filesystem::path;

// A mounted hierarchy that may limit memory, and our group in it.
struct MemoryHierarchy {
  int version = 2;
  path mount;
  path group;  // below `mount`
};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool HasController(std::string_view list, std::string_view name) {
  return std::ranges::any_of(Split(list, ','), [&](std::string_view one) { return one == name; });
}

// Our group in the hierarchy of version 1's memory controller or of version 2, from the text of
// /proc/self/cgroup ("ID:CONTROLLERS:PATH").
std::optional<std::string_view> GroupOf(std::string_view text, int version) {
  for (const std::string_view line : Split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool ours = version == 1 ? HasController(controllers, "memory")
                                   : controllers.empty() && line.starts_with("0:");
    if (ours) return line.substr(second + 1);
  }
  return std::nullopt;
}

// One line of /proc/self/mountinfo: fields 4 and 5 are the mount's root and point; after " - " come
// the type, the source and the options of the file system (proc(5)).
std::optional<MemoryHierarchy> HierarchyOf(std::string_view line, std::string_view groups) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  const auto place = Split(line.substr(0, dash), ' ');
  const auto kind = Split(line.substr(dash + 3), ' ');
  if (place.size() < 5 || kind.size() < 3) return std::nullopt;
  const bool first = kind[0] == "cgroup" && HasController(kind[2], "memory");
  if (!first && kind[0] != "cgroup2") return std::nullopt;
  MemoryHierarchy hierarchy{first ? 1 : 2, place[4], {}};
  // In a container that shares the host's cgroup namespace, the mount begins inside the tree. A
  // group outside of what is mounted is out of our sight.
  const path group = GroupOf(groups, hierarchy.version).value_or("/");
  const path relative = group.lexically_relative(place[3]);
  if (!relative.empty() && *relative.begin() != "..") hierarchy.group = relative;
  return hierarchy;
}

struct MemoryFiles {
  const char* limit;
  const char* usage;
  const char* inactive_cache;  // a line of memory.stat
};

MemoryFiles FilesOf(int version) {
  if (version == 1) {
    return {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
  }
  return {"memory.max", "memory.current", "inactive_file"};
}

// Lowers `memory` to what one group leaves.
base::Status ApplyGroup(const path& folder, int version, HostMemory& memory) {
  const MemoryFiles files = FilesOf(version);
  const auto text = ReadKernelFile(folder / files.limit);
  // The root group of version 2 has no limit file, nor has a group without the controller.
  if (!text.ok() && text.error().code == Code::kNotFound) return base::Ok();
  if (!text.ok()) return text.error();
  if (text.value() == "max\n") return base::Ok();
  BH_ASSIGN(const int64_t limit, ReadKernelNumber(folder / files.limit));
  if (limit >= memory.total_bytes) return base::Ok();
  BH_ASSIGN(const int64_t usage, ReadKernelNumber(folder / files.usage));
  BH_ASSIGN(const std::string stat, ReadKernelFile(folder / "memory.stat"));
  BH_ASSIGN(const int64_t cache, NumberOfLine(stat, files.inactive_cache));
  const int64_t taken = std::max<int64_t>(usage - cache, 0);
  memory.total_bytes = limit;
  memory.available_bytes = std::min(memory.available_bytes, std::max<int64_t>(limit - taken, 0));
  return base::Ok();
}

base::Result<int64_t> KibibytesOfLine(const std::string& text, std::string_view name) {
  BH_ASSIGN(const int64_t kibibytes, NumberOfLine(text, name));
  const auto bytes = base::CheckedMul<int64_t>(kibibytes, 1024);
  if (!bytes) return OperatorError(Code::kCorrupt, "has a number that cannot be");
  return *bytes;
}

base::Result<HostMemory> Read(const path& root) {
  BH_ASSIGN(const std::string text, ReadKernelFile(root.string() + "/proc/meminfo"));
  HostMemory memory;
  BH_ASSIGN(memory.total_bytes, KibibytesOfLine(text, "MemTotal"));
  BH_ASSIGN(memory.available_bytes, KibibytesOfLine(text, "MemAvailable"));
  BH_ASSIGN(const std::string groups, ReadKernelFile(root.string() + "/proc/self/cgroup"));
  BH_ASSIGN(const std::string mounts, ReadKernelFile(root.string() + "/proc/self/mountinfo"));
  for (const std::string_view line : Split(mounts, '\n')) {
    const auto hierarchy = HierarchyOf(line, groups);
    if (!hierarchy) continue;
    path folder(root.string() + hierarchy->mount.string());
    BH_TRY(ApplyGroup(folder, hierarchy->version, memory));
    for (const path& part : hierarchy->group) {
      folder /= part;
      BH_TRY(ApplyGroup(folder, hierarchy->version, memory));
    }
  }
  memory.available_bytes = std::min(memory.available_bytes, memory.total_bytes);
  return memory;
}

}  // namespace

base::Result<HostMemory> ReadHostMemory(const path& root) {
  auto memory = Read(root);
  if (memory.ok()) return memory;
  return OperatorError(Code::kUnavailable,
                       "cannot read the machine's memory: " + std::move(memory).error().detail);
}

}  // namespace bulkhead::device
