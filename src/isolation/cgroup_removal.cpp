// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"
#include "isolation/cgroup.h"
#include "isolation/cgroup_files.h"
#include "isolation/cgroup_v2.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using Deadline = std::chrono::steady_clock::time_point;

int MillisecondsUntil(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

// By number: the header of glibc 2.36 declares these for C only.
int OpenProcess(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

bool Kill(int process) {
  return ::syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0) == 0;
}

// Sends SIGKILL to the processes of the group; answers with their handles. A number that is in the
// list both before and after its handle was opened is a process of this group, not a stranger that
// got the number of one that ended.
std::vector<base::UniqueFd> KillListed(const fs::path& group) {
  constexpr std::size_t kHandlesMax = 64;
  std::vector<base::UniqueFd> handles;
  auto pids = ReadProcesses(group);
  if (!pids.ok()) return handles;
  std::vector<std::pair<pid_t, base::UniqueFd>> opened;
  for (const pid_t pid : pids.value()) {
    if (opened.size() == kHandlesMax) break;
    if (pid > 0) opened.emplace_back(pid, base::UniqueFd(OpenProcess(pid)));
  }
  pids = ReadProcesses(group);
  if (!pids.ok()) return handles;
  for (auto& [pid, handle] : opened) {
    const auto& listed = pids.value();
    if (!handle.valid() || std::find(listed.begin(), listed.end(), pid) == listed.end()) continue;
    if (Kill(handle.get())) handles.push_back(std::move(handle));
  }
  return handles;
}

// Until the kernel says that the group's population changed; cgroup-v2.rst, "cgroup.events".
void AwaitEvents(const fs::path& group, Deadline deadline) {
  const base::UniqueFd events(
      ::open((group / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!events.valid()) return;
  std::string text(256, '\0');
  if (::read(events.get(), text.data(), text.size()) <= 0) return;
  if (text.find("populated 0") != std::string::npos) return;
  pollfd wait{.fd = events.get(), .events = POLLPRI, .revents = 0};
  ::poll(&wait, 1, MillisecondsUntil(deadline));
}

// One round: kills what is there and waits until some of it has ended.
void KillAndWait(const fs::path& group, Deadline deadline) {
  if (WriteControl(group / "cgroup.kill", "1").ok()) {  // from 5.14 on, version 2 only
    AwaitEvents(group, deadline);
  } else {
    for (const base::UniqueFd& handle : KillListed(group)) {
      pollfd wait{.fd = handle.get(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, MillisecondsUntil(deadline));
    }
  }
  // The kernel lets go of a group a moment after its last process has ended.
  ::poll(nullptr, 0, 1);
}

std::set<fs::path> Folders(const CgroupTree& tree) {
  std::set<fs::path> folders;
  for (const CgroupController& controller : tree.controllers) {
    if (!controller.parent.empty()) folders.insert(controller.parent);
  }
  return folders;
}

std::set<std::string> GroupNames(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->is_directory(failed)) names.insert(entry->path().filename().string());
  }
  return names;
}

base::Error NotRemoved(const fs::path& folder, int error_number) {
  return base::OperatorError(
      base::Code::kInternal,
      folder.string() + ": " + base::ErrnoError(error_number).detail + ": not removed");
}

// One that holds no process and no group. The kernel may call it busy for a moment after the last
// group in it went.
base::Status RemoveFolder(const fs::path& folder, Deadline deadline) {
  while (::rmdir(folder.c_str()) != 0) {
    const int error_number = errno;
    if (error_number == ENOENT) return base::Ok();
    const bool may_pass = error_number == EBUSY && GroupNames(folder).empty();
    if (!may_pass || MillisecondsUntil(deadline) == 0) return NotRemoved(folder, error_number);
    ::poll(nullptr, 0, 1);
  }
  return base::Ok();
}

base::Status RemoveGroup(const fs::path& group, Deadline deadline) {
  while (::rmdir(group.c_str()) != 0) {
    const int error_number = errno;
    if (error_number == ENOENT) return base::Ok();
    if (error_number != EBUSY || MillisecondsUntil(deadline) == 0) {
      return NotRemoved(group, error_number);
    }
    KillAndWait(group, deadline);
  }
  return base::Ok();
}

}  // namespace

base::Status RemoveCgroup(const Cgroup& cgroup) {
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::set<fs::path> groups;
  for (const CgroupController& controller : cgroup.controllers) {
    const fs::path group = controller.parent / cgroup.name;
    groups.insert(group);
    // No new processes while we kill by list. Where it fails the rounds still end, if later.
    static_cast<void>(WriteControl(group / "pids.max", "0"));
  }
  base::Status status = base::Ok();
  for (const fs::path& group : groups) {
    base::Status removed = RemoveGroup(group, deadline);
    if (!removed.ok()) status = std::move(removed);
  }
  return status;
}

base::Result<std::vector<std::string>> SweepCgroups(const CgroupTree& tree) {
  std::set<std::string> names;
  for (const fs::path& folder : Folders(tree)) names.merge(GroupNames(folder));
  base::Status status = base::Ok();
  for (const std::string& name : names) {
    Cgroup cgroup;
    cgroup.name = name;
    for (const CgroupController& controller : tree.controllers) {
      if (!controller.parent.empty()) cgroup.controllers.push_back(controller);
    }
    base::Status removed = RemoveCgroup(cgroup);
    if (!removed.ok()) status = std::move(removed);
  }
  if (!status.ok()) return std::move(status).error();
  return std::vector<std::string>(names.begin(), names.end());
}

base::Status LeaveCgroups(const CgroupTree& tree) {
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  base::Status status = base::Ok();
  for (const fs::path& folder : Folders(tree)) {
    base::Status removed = RemoveFolder(folder, deadline);
    if (!removed.ok()) status = std::move(removed);
  }
  if (!status.ok()) return status;
  for (const CgroupController& controller : tree.controllers) {
    if (controller.version == 2 && !controller.parent.empty()) {
      return LeaveVersion2(controller.parent.parent_path());
    }
  }
  return base::Ok();
}

}  // namespace bulkhead::isolation
