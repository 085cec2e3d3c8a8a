// SPDX-License-Identifier: Apache-2.0
// A library to preload (LD_PRELOAD) into a program whose files are to survive a loss of power: it
// notes what the program synced, so that `forget-unsynced` can take away the rest after a kill.
//
//   BULKHEAD_UNSYNCED_FOLDER   files and folders below this one are watched
//   BULKHEAD_UNSYNCED_BOOK     where it is noted; not below that folder (book.h has the lines)
//   BULKHEAD_UNSYNCED_KILL     n: the n-th sync of a watched file kills the process inside of it
//   BULKHEAD_UNSYNCED_DEAF     set: nothing is noted, as if the program never synced
//
// Nothing watched is really synced: the kernel's pages outlive the process, and tests stay fast.
// Seen are fsync and fdatasync of files and folders, and what write and pwrite put in the place of
// older bytes. Not seen: writev, mappings, msync, O_SYNC, sync_file_range.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unsynced/book.h"

namespace {

std::atomic<long> watched_syncs = 0;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The path of a descriptor that is watched; empty: it is not.
std::string WatchedPath(int file) {
  const std::string folder = Environment("BULKHEAD_UNSYNCED_FOLDER");
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  char path[4096];
  const ssize_t count = ::readlink(link.c_str(), path, sizeof(path));
  if (folder.empty() || count <= 0) return "";
  const std::string_view found(path, static_cast<std::size_t>(count));
  const bool below = found == folder || found.starts_with(folder + "/");
  return below ? std::string(found) : "";
}

void Note(const std::string& line) {
  const int book = ::open(Environment("BULKHEAD_UNSYNCED_BOOK").c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  // One write: a kill leaves a line or none.
  if (book < 0 ||
      ::syscall(SYS_write, book, line.data(), line.size()) != static_cast<long>(line.size())) {
    std::abort();
  }
  ::close(book);
}

// Of a write that is about to replace bytes of a watched file, these bytes.
void NoteReplaced(int file, size_t count, off64_t offset) {
  if (WatchedPath(file).empty()) return;
  struct statx status{};
  if (::statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) return;
  std::string bytes(count, '\0');
  const int reader =
      ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t there = ::pread64(reader, bytes.data(), count, offset);
  ::close(reader);
  if (!S_ISREG(status.stx_mode) || there <= 0) return;
  std::string line = "was " + unsynced::KeyOf(status) + " " + std::to_string(offset) + " ";
  for (const char c : bytes.substr(0, static_cast<std::size_t>(there))) {
    const auto byte = static_cast<unsigned char>(c);
    line += "0123456789abcdef"[byte >> 4];
    line += "0123456789abcdef"[byte & 15];
  }
  Note(line + "\n");
}

int Sync(int file, long real_call) {
  const std::string path = WatchedPath(file);
  if (path.empty()) return static_cast<int>(::syscall(real_call, file));
  const std::string line = unsynced::LineOf(path);
  const std::string kill_at = Environment("BULKHEAD_UNSYNCED_KILL");
  if (!kill_at.empty() && ++watched_syncs == std::strtol(kill_at.c_str(), nullptr, 10)) {
    ::raise(SIGKILL);
  }
  if (Environment("BULKHEAD_UNSYNCED_DEAF").empty()) Note(line);
  return 0;
}

}  // namespace

extern "C" int fsync(int file) { return Sync(file, SYS_fsync); }
extern "C" int fdatasync(int file) { return Sync(file, SYS_fdatasync); }

extern "C" ssize_t write(int file, const void* bytes, size_t count) {
  // What is no file has no position.
  const off64_t offset = ::lseek64(file, 0, SEEK_CUR);
  if (offset >= 0) NoteReplaced(file, count, offset);
  return ::syscall(SYS_write, file, bytes, count);
}
extern "C" ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  NoteReplaced(file, count, offset);
  return ::syscall(SYS_pwrite64, file, bytes, count, offset);
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return pwrite64(file, bytes, count, offset);
}
