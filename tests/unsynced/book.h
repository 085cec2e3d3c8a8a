// SPDX-License-Identifier: Apache-2.0
// The lines of the book of what is durable. Later lines win.
//
//   file <inode>:<birth> <bytes>
//   folder <path>\t<name>\t<name>...
//   was <inode>:<birth> <offset> <hex>   bytes that a write replaced since the file's last line
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace unsynced {

// What tells a file from another that gets its inode later.
inline std::string KeyOf(const struct statx& status) {
  return std::to_string(status.stx_ino) + ":" + std::to_string(status.stx_btime.tv_sec) + "." +
         std::to_string(status.stx_btime.tv_nsec);
}

// What a sync of this file or folder makes durable, as it is now.
inline std::string LineOf(const std::filesystem::path& path) {
  struct statx status{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) return "";
  if (!S_ISDIR(status.stx_mode)) {
    return "file " + KeyOf(status) + " " + std::to_string(status.stx_size) + "\n";
  }
  std::string line = "folder " + path.string();
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    line += "\t" + entry->path().filename().string();
  }
  return line + "\n";
}

}  // namespace unsynced
