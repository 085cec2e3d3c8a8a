// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/private_root.h"

#include <cerrno>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::isolation {
namespace {

constexpr uint64_t kFileFlags = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
constexpr uint64_t kDeviceFlags = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
constexpr uint64_t kRootFlags =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

int AddFlags(int folder, const char* path, unsigned int lookup, uint64_t flags) {
  mount_attr attributes = {};
  attributes.attr_set = flags;
  return ::mount_setattr(folder, path, lookup, &attributes, sizeof attributes) == 0 ? 0 : errno;
}

// fsopen(2) and what follows it, up to a mount that is nowhere yet.
int OpenRootMount(const std::string& inode_count, int& mount) {
  const base::UniqueFd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context.valid()) return errno;
  const int fd = context.get();
  // Mount points are empty files: no block is ever needed.
  if (::fsconfig(fd, FSCONFIG_SET_STRING, "size", "4096", 0) != 0 ||
      ::fsconfig(fd, FSCONFIG_SET_STRING, "nr_inodes", inode_count.c_str(), 0) != 0 ||
      ::fsconfig(fd, FSCONFIG_SET_STRING, "mode", "0755", 0) != 0 ||
      ::fsconfig(fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return errno;
  }
  mount = ::fsmount(fd, FSMOUNT_CLOEXEC, kRootFlags & ~uint64_t{MOUNT_ATTR_RDONLY});
  return mount < 0 ? errno : 0;
}

}  // namespace

RootPlan PlanRoot(std::vector<Bind> binds) {
  // Sorted, a folder comes before what is in it.
  std::set<std::string> folders;
  for (const Bind& bind : binds) {
    std::filesystem::path folder = std::filesystem::path(bind.destination).parent_path();
    for (; folder.has_relative_path(); folder = folder.parent_path()) {
      folders.insert(folder.relative_path());
    }
  }
  RootPlan plan;
  plan.inode_count = fmt::format("{}", binds.size() + folders.size() + 1);
  plan.binds = std::move(binds);
  plan.folders.assign(folders.begin(), folders.end());
  return plan;
}

int TakeMount(const std::string& source, BindKind kind, base::UniqueFd& mount) {
  base::UniqueFd tree(::open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree.valid()) return errno;
  struct stat status = {};
  if (::fstat(tree.get(), &status) != 0) return errno;
  const bool device = kind == BindKind::kDevice;
  if (device ? !S_ISCHR(status.st_mode) : !S_ISREG(status.st_mode)) return EINVAL;
  const int error = AddFlags(tree.get(), "", AT_EMPTY_PATH, device ? kDeviceFlags : kFileFlags);
  if (error != 0) return error;
  mount = std::move(tree);
  return 0;
}

int MakeMountsPrivate() {
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : errno;
}

int MakeRoot(const RootPlan& plan) {
  int fd = -1;
  if (const int error = OpenRootMount(plan.inode_count, fd); error != 0) return error;
  const base::UniqueFd mount(fd);
  // Over the old root, the one folder that every machine has. Paths still lead into the old root,
  // which is what they start from; the new one is reached through the working folder.
  if (::move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) return errno;
  if (::fchdir(fd) != 0) return errno;
  for (const std::string& folder : plan.folders) {
    if (::mkdir(folder.c_str(), 0755) != 0) return errno;
  }
  return 0;
}

int PlaceBind(const Bind& bind) {
  base::UniqueFd taken;
  if (!bind.mount.valid()) {
    if (const int error = TakeMount(bind.source, bind.kind, taken); error != 0) return error;
  }
  const char* target = bind.destination.c_str() + 1;
  if (::mknod(target, S_IFREG | 0444, 0) != 0) return errno;
  const int mount = bind.mount.valid() ? bind.mount.get() : taken.get();
  return ::move_mount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0 ? 0 : errno;
}

int EnterRoot() {
  // The old root ends up mounted over the new one, and is unmounted from there: pivot_root(2).
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return errno;
  if (::umount2(".", MNT_DETACH) != 0) return errno;
  if (::chdir("/") != 0) return errno;
  return AddFlags(AT_FDCWD, "/", 0, kRootFlags);
}

}  // namespace bulkhead::isolation
