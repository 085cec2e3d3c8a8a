// SPDX-License-Identifier: Apache-2.0
// Files: to read those of others, to leave something behind, to run something else.
#include <array>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/unique_fd.h"
#include "channel/inheritance.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

Loot ReadFrom(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return Refused("open " + path);
  std::array<char, 64> bytes{};
  const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
  if (count < 0) return Refused("read " + path);
  return Got(fmt::format("{} bytes of {}", count, path));
}

Loot ReadPath(const Order& order) { return ReadFrom(order.argument); }

// From a folder that is open: the root itself, upwards, as far as a path goes.
Loot ReadUpwards(const Order& order) {
  std::string path = "/..";
  for (int i = 0; i < 64; ++i) path += "/..";
  return ReadFrom(path + order.argument);
}

Loot WritePath(const Order& order) {
  const base::UniqueFd file(::open(order.argument.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return Refused("open " + order.argument + " for writing");
  if (::write(file.get(), "x", 1) != 1) return Refused("write " + order.argument);
  return Got("wrote to " + order.argument);
}

Loot ListFolder(const Order& order) {
  const base::UniqueFd folder(::open(order.argument.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return Refused("open the folder " + order.argument);
  std::array<char, 4096> entries{};
  const long bytes = ::syscall(SYS_getdents64, folder.get(), entries.data(), entries.size());
  if (bytes < 0) return Refused("list " + order.argument);
  return Got("a list of " + order.argument);
}

Loot MakeFolder(const Order& order) {
  if (::mkdir(order.argument.c_str(), 0700) != 0) return Refused("mkdir");
  return Got("a folder");
}

Loot MakeLink(const Order& order) {
  if (::symlink("/etc/passwd", order.argument.c_str()) != 0) return Refused("symlink");
  return Got("a symbolic link");
}

Loot MakeHardLink(const Order& order) {
  if (::link("/proc/self/exe", order.argument.c_str()) != 0) return Refused("link");
  return Got("a hard link");
}

// /dev/mem by its numbers.
Loot MakeNode(const Order& order) {
  if (::mknod(order.argument.c_str(), S_IFCHR | 0600, makedev(1, 1)) != 0) return Refused("mknod");
  return Got("a device node");
}

Loot RemoveFile(const Order& order) {
  if (::unlink(order.argument.c_str()) != 0) return Refused("unlink");
  return Got("removed a file");
}

Loot ChangeRoot(const Order&) {
  if (::chroot("/") != 0) return Refused("chroot");
  return Got("a root of its own");
}

Loot OpenByHandle(const Order&) {
  // A struct file_handle: bytes, type, then inode 2 and its generation.
  std::array<unsigned int, 4> root{8, 1, 2, 0};
  if (::syscall(SYS_open_by_handle_at, AT_FDCWD, root.data(), O_RDONLY) < 0) {
    return Refused("open by handle");
  }
  return Got("a file by its inode");
}

// A program of its own making, with no name in any file system.
Loot RunFromMemory(const Order&) {
  const base::UniqueFd file(static_cast<int>(::syscall(SYS_memfd_create, "program", 0U)));
  if (!file.valid()) return Refused("memfd_create");
  constexpr std::string_view kScript = "#!/bin/sh\n";
  if (::write(file.get(), kScript.data(), kScript.size()) < 0) return Refused("write a program");
  std::array<char*, 1> none{};
  ::syscall(SYS_execveat, file.get(), "", none.data(), none.data(), AT_EMPTY_PATH);
  return Refused("execveat");
}

// A descriptor that it holds, opened again with other rights.
Loot ReopenDescriptor(const Order& order) {
  const std::string path = "/proc/self/fd/" + order.argument;
  const base::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid()) return Refused("open " + path);
  return Got("a second way to descriptor " + order.argument);
}

// Which numbers are open, by a call that both stages allow. 0 to 3 and 6 are a worker's for good;
// 4 and 5 are its weights and setup until it has loaded, then a pipe of its own.
Loot CountDescriptors(const Order& order) {
  std::string open;
  for (int number = 0; number < 4096; ++number) {
    struct stat status{};
    if (::syscall(SYS_fstat, number, &status) == 0) open += fmt::format(" {}", number);
  }
  if (open == order.argument) return Nothing("its own descriptors" + open);
  return Got("descriptors" + open);
}

constexpr Attack kAttacks[] = {{"read", ReadPath},
                               {"read-upwards", ReadUpwards},
                               {"write", WritePath},
                               {"list", ListFolder},
                               {"make-folder", MakeFolder},
                               {"make-link", MakeLink},
                               {"make-hard-link", MakeHardLink},
                               {"make-node", MakeNode},
                               {"remove", RemoveFile},
                               {"change-root", ChangeRoot},
                               {"open-by-handle", OpenByHandle},
                               {"run-from-memory", RunFromMemory},
                               {"reopen-descriptor", ReopenDescriptor},
                               {"count-descriptors", CountDescriptors}};

}  // namespace

std::span<const Attack> FileAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
