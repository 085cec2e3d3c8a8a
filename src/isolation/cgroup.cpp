// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "isolation/cgroup_controller.h"
#include "isolation/cgroup_files.h"
#include "isolation/cgroup_mounts.h"
#include "isolation/cgroup_v1.h"
#include "isolation/cgroup_v2.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;

constexpr std::array kCgroupLayers = {Layer::kCgroupMemory, Layer::kCgroupPids, Layer::kCgroupCpus};

base::Status CheckName(std::string_view name, std::size_t length_max) {
  const bool fits = !name.empty() && name.size() <= length_max &&
                    std::all_of(name.begin(), name.end(), [](char letter) {
                      return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                             letter == '-';
                    });
  if (fits) return base::Ok();
  return base::OperatorError(
      base::Code::kInvalid,
      "the name of a cgroup must be 1 to " + std::to_string(length_max) + " of a-z, 0-9 and -");
}

base::Status CheckLimits(const CgroupLimits& limits) {
  if (WholePages(limits.memory_bytes) > 0 && limits.processes > 0 && !limits.cpus.empty() &&
      *std::min_element(limits.cpus.begin(), limits.cpus.end()) >= 0) {
    return base::Ok();
  }
  return base::OperatorError(base::Code::kInvalid,
                             "a cgroup needs cores, a page of memory and a process at least");
}

base::Result<std::string> ReadOfProcess(const fs::path& path) {
  auto text = ReadControl(path);
  if (text.ok()) return text;
  return base::OperatorError(base::Code::kUnavailable, text.error().detail);
}

// `path` is absolute; "" stays the real machine.
fs::path Rooted(const fs::path& root, const std::string& path) {
  return root.empty() ? fs::path(path) : fs::path(root.string() + path);
}

base::Status Limit(const CgroupController& controller, const fs::path& group,
                   const CgroupLimits& limits) {
  return controller.version == 1 ? LimitVersion1(controller.layer, group, limits)
                                 : LimitVersion2(controller.layer, group, limits);
}

// Makes `group` unless it is among the folders made for this compartment already.
base::Status MakeOnce(const fs::path& group, std::vector<fs::path>& made) {
  if (std::find(made.begin(), made.end(), group) != made.end()) return base::Ok();
  BH_TRY(MakeGroup(group));
  made.push_back(group);
  return base::Ok();
}

base::Status AddController(const CgroupController& controller, const CgroupLimits& limits,
                           Cgroup& cgroup, std::vector<fs::path>& made) {
  if (controller.parent.empty()) {
    return base::OperatorError(base::Code::kUnavailable, controller.reason);
  }
  const fs::path group = controller.parent / cgroup.name;
  BH_TRY(MakeOnce(group, made));
  const base::Status limited = Limit(controller, group, limits);
  if (!limited.ok()) return base::OperatorError(base::Code::kUnavailable, limited.error().detail);
  cgroup.controllers.push_back(controller);
  cgroup.layers.Add(controller.layer);
  return base::Ok();
}

bool IsUsed(const fs::path& group, const Cgroup& cgroup) {
  return std::any_of(
      cgroup.controllers.begin(), cgroup.controllers.end(),
      [&](const CgroupController& controller) { return controller.parent / cgroup.name == group; });
}

}  // namespace

base::Result<CgroupTree> FindCgroups(const fs::path& root, const std::string& owner) {
  constexpr std::size_t kOwnerLengthMax = 32;
  BH_TRY(CheckName(owner, kOwnerLengthMax));
  BH_ASSIGN(const std::string mountinfo, ReadOfProcess(Rooted(root, "/proc/self/mountinfo")));
  BH_ASSIGN(const std::string own_groups, ReadOfProcess(Rooted(root, "/proc/self/cgroup")));
  const std::vector<CgroupMount> mounts = ParseCgroupMounts(mountinfo);
  const std::vector<CgroupMembership> memberships = ParseCgroupMemberships(own_groups);
  const std::string folder_name = "bulkhead-" + owner;

  CgroupTree tree;
  std::vector<Layer> version2;
  fs::path own2;
  for (const Layer layer : kCgroupLayers) {
    const CgroupPlace place = LocateController(mounts, memberships, ControllerName(layer));
    if (place.folder.empty()) {
      tree.controllers.push_back({layer, place.version, {}, place.reason});
    } else if (place.version == 1) {
      tree.controllers.push_back(PrepareVersion1(layer, Rooted(root, place.folder), folder_name));
    } else {
      version2.push_back(layer);
      own2 = Rooted(root, place.folder);
    }
  }
  if (!version2.empty()) {
    for (CgroupController& controller :
         PrepareVersion2(version2, own2, folder_name, Rooted(root, "/proc/swaps"))) {
      tree.controllers.push_back(std::move(controller));
    }
  }
  std::sort(tree.controllers.begin(), tree.controllers.end(),
            [](const CgroupController& a, const CgroupController& b) { return a.layer < b.layer; });
  return tree;
}

base::Result<Cgroup> MakeCgroup(const CgroupTree& tree, const std::string& name,
                                const CgroupLimits& limits, const LayerSet& optional) {
  constexpr std::size_t kNameLengthMax = 64;
  BH_TRY(CheckName(name, kNameLengthMax));
  BH_TRY(CheckLimits(limits));
  Cgroup cgroup;
  cgroup.name = name;
  std::vector<fs::path> made;
  base::Status status = base::Ok();
  for (const CgroupController& controller : tree.controllers) {
    base::Status added = AddController(controller, limits, cgroup, made);
    if (added.ok()) continue;
    if (optional.Has(controller.layer) && added.error().code != base::Code::kConflict) continue;
    status = std::move(added);
    break;
  }
  if (!status.ok()) cgroup.controllers.clear();
  for (const fs::path& group : made) {
    if (!IsUsed(group, cgroup)) ::rmdir(group.c_str());
  }
  if (!status.ok()) return std::move(status).error();
  return cgroup;
}

base::Result<std::vector<CgroupEntrance>> OpenEntrances(const Cgroup& cgroup) {
  std::vector<CgroupEntrance> entrances;
  for (const CgroupController& controller : cgroup.controllers) {
    // Controllers that are mounted together share a group.
    const char* const file = controller.version == 1 ? "tasks" : "cgroup.procs";
    fs::path path = controller.parent / cgroup.name / file;
    if (std::any_of(entrances.begin(), entrances.end(),
                    [&](const CgroupEntrance& other) { return other.path == path; })) {
      continue;
    }
    base::UniqueFd opened(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!opened.valid()) return base::WithContext(base::ErrnoError(errno), path.string());
    entrances.push_back({std::move(path), std::move(opened)});
  }
  return entrances;
}

int EnterCgroup(const std::vector<CgroupEntrance>& entrances, uint32_t& index) {
  index = 0;
  for (const CgroupEntrance& entrance : entrances) {
    // The kernel's word for whoever writes it.
    if (::write(entrance.file.get(), "0", 1) != 1) return errno;
    ++index;
  }
  return 0;
}

int64_t OutOfMemoryKills(const Cgroup& cgroup) {
  for (const CgroupController& controller : cgroup.controllers) {
    if (controller.layer != Layer::kCgroupMemory) continue;
    const char* const file = controller.version == 1 ? "memory.oom_control" : "memory.events";
    return ReadCount(controller.parent / cgroup.name / file, "oom_kill");
  }
  return 0;
}

}  // namespace bulkhead::isolation
