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

constexpr const char* kOffered = "cgroup.controllers";
constexpr const char* kHandedDown = "cgroup.subtree_control";

base::Error Refusal(std::string reason) {
  return base::OperatorError(base::Code::kUnavailable, std::move(reason));
}

bool Has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Only the root of the whole hierarchy has no type; it may hold processes and hand down as well.
bool IsRoot(const fs::path& group) { return !Exists(group / "cgroup.type"); }

// The highest group that can be seen above this one.
fs::path TopGroup(fs::path group) {
  while (Exists(group.parent_path() / kOffered)) group = group.parent_path();
  return group;
}

std::string NotGiven(const fs::path& own, const std::string& name) {
  if (!Exists(own / kOffered)) {
    return own.string() + " is not a cgroup that can be seen here: mount cgroup2 at /sys/fs/cgroup";
  }
  const fs::path top = TopGroup(own);
  if (IsRoot(top) && !Has(ReadWords(top / kOffered), name)) {
    return "the kernel does not offer the " + name +
           " controller: boot it without cgroup_disable=" + name +
           ", or with cgroup_enable=" + name;
  }
  return own.string() + " is not given the " + name +
         " controller: start Bulkhead in a unit with Delegate=yes; for a user's units, set "
         "Delegate=cpu cpuset io memory pids in user@.service as well";
}

std::string NotOurs(const base::Error& error) {
  if (error.code != base::Code::kDenied) return error.detail;
  return error.detail +
         ": start Bulkhead in a unit of its own: systemd-run --scope -p Delegate=yes COMMAND, "
         "with --user for an ordinary user";
}

// A group that hands controllers down may have no processes of its own, so this one goes to a leaf
// ("no internal processes"). A stranger's processes are not ours to move.
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
  base::Status made = MakeGroup(leaf);
  if (!made.ok() && made.error().code != base::Code::kConflict) return made;
  return MoveProcess(leaf, self);
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

// What it has done when it fails is undone by the caller.
base::Status HandDown(const fs::path& own, const fs::path& folder, const Words& names) {
  BH_TRY(DivideOwnGroup(own, names));
  base::Status made = MakeGroup(folder);
  if (!made.ok() && made.error().code != base::Code::kConflict) return made;
  const Words given = ReadWords(folder / kOffered);
  for (const std::string& name : names) {
    if (!Has(given, name)) return Refusal(folder.string() + " did not get the controller " + name);
  }
  return Enable(folder, names);
}

// Groups cannot be kept from swapping where swap is not counted; without swap there is no need.
bool SwapIsUncounted(const fs::path& folder, const fs::path& swaps) {
  if (Exists(folder / "memory.swap.max")) return false;
  const auto text = ReadControl(swaps);
  return !text.ok() || std::count(text.value().begin(), text.value().end(), '\n') > 1;
}

base::Status LimitMemory(const fs::path& group, int64_t bytes) {
  BH_TRY(
      WriteChecked(group / "memory.max", std::to_string(bytes), std::to_string(WholePages(bytes))));
  const fs::path swap = group / "memory.swap.max";
  if (Exists(swap)) BH_TRY(WriteChecked(swap, "0", "0"));
  // From 4.19 on: no compartment lives on with a part of its processes.
  const fs::path whole = group / "memory.oom.group";
  if (Exists(whole)) BH_TRY(WriteChecked(whole, "1", "1"));
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
  const Words offered = ReadWords(own / kOffered);
  Words names;
  for (const Layer layer : layers) {
    if (Has(offered, ControllerName(layer))) names.emplace_back(ControllerName(layer));
  }
  const base::Status ready = names.empty() ? base::Ok() : HandDown(own, folder, names);

  std::vector<CgroupController> answers;
  bool used = false;
  for (const Layer layer : layers) {
    CgroupController answer{.layer = layer, .version = 2, .parent = {}, .reason = {}};
    const std::string name = ControllerName(layer);
    if (!Has(offered, name)) {
      answer.reason = NotGiven(own, name);
    } else if (!ready.ok()) {
      answer.reason = NotOurs(ready.error());
    } else if (layer == Layer::kCgroupMemory && SwapIsUncounted(folder, swaps)) {
      answer.reason =
          "the kernel does not count swap per cgroup: boot with swapaccount=1, or switch swap off";
    } else {
      answer.parent = folder;
      used = true;
    }
    answers.push_back(std::move(answer));
  }
  if (!used && !names.empty()) {
    ::rmdir(folder.c_str());
    static_cast<void>(LeaveVersion2(own));
  }
  return answers;
}

base::Status LeaveVersion2(const fs::path& own) {
  const fs::path leaf = own / kOwnLeaf;
  if (!Exists(leaf)) return base::Ok();
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
