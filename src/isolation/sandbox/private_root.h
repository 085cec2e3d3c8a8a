// SPDX-License-Identifier: Apache-2.0
// A root of its own: a tiny read-only file system that holds mounts of single files and devices.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace bulkhead::isolation {

enum class BindKind : bool { kFile, kDevice };

// One file or device node to be mounted in the root.
struct Bind {
  BindKind kind = BindKind::kFile;
  std::string source;
  std::string destination;  // absolute
  // A detached mount of the source, taken by the parent; empty: the child takes it.
  base::UniqueFd mount;
};

// What is laid out in the root, prepared before the child exists.
struct RootPlan {
  std::vector<Bind> binds;
  // Every folder above a destination, relative to the root, a folder before what is in it.
  std::vector<std::string> folders;
  std::string inode_count;  // for the tmpfs: no more than these
};

RootPlan PlanRoot(std::vector<Bind> binds);

// All child-safe: 0 or an errno.

// A mount of one file or device that is in no namespace yet: files read-only, nosuid, nodev;
// devices nosuid, noexec. EINVAL: it is another kind of thing. The caller's namespace and rights
// decide which paths it reaches, so a parent that may mount does this before it clones: the child's
// user has no way through the folders of others.
[[nodiscard]] int TakeMount(const std::string& source, BindKind kind, base::UniqueFd& mount);

[[nodiscard]] int MakeMountsPrivate();

// Mounts the empty root over the old one, with its folders, and makes it the working folder.
[[nodiscard]] int MakeRoot(const RootPlan& plan);
// Then one call per bind.
[[nodiscard]] int PlaceBind(const Bind& bind);
// Then: makes it the root, lets go of the old one, and closes it for writing.
[[nodiscard]] int EnterRoot();

}  // namespace bulkhead::isolation
