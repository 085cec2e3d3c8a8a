// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup_v2.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "isolation/cgroup_controller.h"
#include "isolation/cgroup_files.h"
#include "isolation/cpu_list.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* kHandedDown = "cgroup.subtree_control";

base::Error Refusal(std::string reason) {
  return base::OperatorError(base::Code::kUnavailable, std::move(reason));
}

bool Has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Only the root of the whole hierarchy has no type; it may hold processes and hand down as well.
bool IsRoot(const fs::path& group) { return !fs::exists(group / "cgroup.type"); }

std::string NotGiven(const fs::path& own, const std::string& name) {
  if (!fs::exists(own / "cgroup.controllers")) {
    return own.string() + " is not a cgroup that can be seen here: mount cgroup2 at /sys/fs/cgroup";
  }
  if (IsRoot(own))
    return "the kernel does not offer the " + name +
           " controller: switch it on at "
           "boot (cgroup_enable=" +
           name + ")";
  return own.string() + " is not given the " + name +
         " controller: start Bulkhead in a unit with Delegate=yes; for a user's units, give "
         "user@.service Delegate=\"cpu cpuset io memory pids\" as well";
}

std::string NotOurs(const base::Error& error) {
  if (error.code != base::Code::kDenied) return error.detail;
  return error.detail +
         ": start Bulkhead in a unit of its own: systemd-run --scope -p Delegate=yes COMMAND, "
         "with --user for an ordinary user";
}

// A group that hands controllers down may have no processes of its own, so this one goes to a leaf.
base::Status EmptyOwnGroup(const fs::path& own) {
  if (IsRoot(own)) return base::Ok();
  BH_ASSIGN(const std::string type, ReadValue(own / "cgroup.type"));
  if (type != "domain") {
    return Refusal(own.string() + " is of type \"" + type +
                   "\": start Bulkhead in a group of type \"domain\"");
  }
  BH_ASSIGN(const std::vector<pid_t> pids, ReadProcesses(own));
  const pid_t self = ::getpid();
  if (pids.empty()) return base::Ok();
  if (pids != std::vector<pid_t>{self}) {
    return Refusal(own.string() +
                   " holds other processes as well, so it cannot be divided: start Bulkhead in a "
                   "unit of its own: systemd-run --scope -p Delegate=yes COMMAND, with --user for "
                   "an ordinary user");
  }
  const fs::path leaf = own / kOwnLeaf;
  const base::Status made = MakeGroup(leaf);
  if (!made.ok() && made.error().code != base::Code::kConflict) return made;
  base::Status moved = MoveProcess(leaf, self);
  if (!moved.ok() && made.ok()) ::rmdir(leaf.c_str());
  return moved;
}

base::Status Enable(const fs::path& group, const Words& names) {
  const Words present = ReadWords(group / kHandedDown);
  std::string text;
  for (const std::string& name : names) {
    if (!Has(present, name)) text += (text.empty() ? "+" : " +") + name;
  }
  return text.empty() ? base::Ok() : WriteControl(group / kHandedDown, text);
}

base::Status DivideOwnGroup(const fs::path& own, const Words& names) {
  const Words present = ReadWords(own / kHandedDown);
  const bool divided = std::all_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return Has(present, name); });
  if (divided) return base::Ok();
  BH_TRY(EmptyOwnGroup(own));
  return Enable(own, names);
}

base::Status MakeFolder(const fs::path& folder, const Words& names) {
  const base::Status made = MakeGroup(folder);
  if (!made.ok() && made.error().code != base::Code::kConflict) return made;
  const Words given = ReadWords(folder / "cgroup.controllers");
  base::Status ready = base::Ok();
  for (const std::string& name : names) {
    if (!Has(given, name)) ready = Refusal(folder.string() + " did not get " + name);
  }
  if (ready.ok()) ready = Enable(folder, names);
  if (!ready.ok() && made.ok()) ::rmdir(folder.c_str());
  return ready;
}

// Groups cannot be kept from swapping where swap is not counted; without swap there is no need.
bool SwapIsUncounted(const fs::path& folder, const fs::path& swaps) {
  if (fs::exists(folder / "memory.swap.max")) return false;
  const auto text = ReadControl(swaps);
  return !text.ok() || std::count(text.value().begin(), text.value().end(), '\n') > 1;
}

base::Status LimitMemory(const fs::path& group, int64_t bytes) {
  BH_TRY(
      WriteChecked(group / "memory.max", std::to_string(bytes), std::to_string(WholePages(bytes))));
  const fs::path swap = group / "memory.swap.max";
  if (fs::exists(swap)) BH_TRY(WriteChecked(swap, "0", "0"));
  // From 4.19 on: no compartment lives on with a part of its processes.
  const fs::path whole = group / "memory.oom.group";
  if (fs::exists(whole)) BH_TRY(WriteChecked(whole, "1", "1"));
  return base::Ok();
}

base::Status LimitCpus(const fs::path& group, const std::vector<int>& cpus) {
  const std::string text = FormatCpuList(cpus);
  BH_TRY(WriteChecked(group / "cpuset.cpus", text, text));
  // Cores that the parent lacks are accepted above and silently not given. The memory nodes of the
  // parent are in force as long as cpuset.mems is empty.
  const fs::path effective = group / "cpuset.cpus.effective";
  BH_ASSIGN(const std::string given, ReadValue(effective));
  if (given == text) return base::Ok();
  return Refusal(effective.string() + ": wanted \"" + text + "\", got \"" + given + "\"");
}

}  // namespace

std::vector<CgroupController> PrepareVersion2(const std::vector<Layer>& layers, fs::path own,
                                              const std::string& folder_name,
                                              const fs::path& swaps) {
  if (own.filename() == kOwnLeaf) own = own.parent_path();
  const fs::path folder = own / folder_name;
  const Words offered = ReadWords(own / "cgroup.controllers");
  Words names;
  for (const Layer layer : layers) {
    const std::string name = ControllerName(layer);
    if (Has(offered, name)) names.push_back(name);
  }
  base::Status ready = names.empty() ? base::Ok() : DivideOwnGroup(own, names);
  if (ready.ok() && !names.empty()) ready = MakeFolder(folder, names);
  if (!ready.ok()) static_cast<void>(LeaveVersion2(own));

  std::vector<CgroupController> answers;
  for (const Layer layer : layers) {
    CgroupController answer{.layer = layer, .version = 2, .parent = {}, .reason = {}};
    const std::string name = ControllerName(layer);
    if (!Has(offered, name)) {
      answer.reason = NotGiven(own, name);
    } else if (!ready.ok()) {
      answer.reason = NotOurs(ready.error());
    } else if (layer == Layer::kCgroupMemory && SwapIsUncounted(folder, swaps)) {
      answer.reason =
          "the kernel does not count swap per cgroup: boot with swapaccount=1, or "
          "switch swap off (swapoff -a)";
    } else {
      answer.parent = folder;
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

base::Status LeaveVersion2(const fs::path& own) {
  const fs::path leaf = own / kOwnLeaf;
  if (!fs::exists(leaf)) return base::Ok();
  std::error_code failed;
  for (fs::directory_iterator entry(own, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->is_directory(failed) && entry->path() != leaf) return base::Ok();
  }
  std::string text;
  for (const std::string& name : ReadWords(own / kHandedDown)) {
    text += (text.empty() ? "-" : " -") + name;
  }
  if (!text.empty()) BH_TRY(WriteControl(own / kHandedDown, text));
  BH_ASSIGN(const std::vector<pid_t> pids, ReadProcesses(leaf));
  const pid_t self = ::getpid();
  if (std::find(pids.begin(), pids.end(), self) != pids.end()) BH_TRY(MoveProcess(own, self));
  if (::rmdir(leaf.c_str()) == 0) return base::Ok();
  return base::OperatorError(base::Code::kInternal, leaf.string() + " could not be removed");
}

base::Status LimitVersion2(Layer layer, const fs::path& group, const CgroupLimits& limits) {
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
