// SPDX-License-Identifier: Apache-2.0
// A library to preload (LD_PRELOAD) into a program that must survive a kill at any point: it kills
// the process inside of the n-th call of one kind, so that no program needs code for its tests.
//
//   BULKHEAD_KILL_POINT   WHAT.CALL.WHEN:N, say ledger.write.torn:3
//     WHAT   ledger, store, models: files of that part of a gateway's state; client: a TCP socket;
//            unix: a Unix socket; any
//     CALL   write (pwrite, writev too), sync (fsync, fdatasync), name (rename, link), send
//            (sendmsg too), cut (ftruncate)
//     WHEN   before it, after it, or torn: after half of its bytes (of write and send)
//
// Stands before other libraries of its sort: it calls what comes next in the loader's order.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

struct Point {
  std::string what;
  std::string call;
  std::string when;
  long count = 0;
};

std::string Until(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  const std::string found(rest.substr(0, at));
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return found;
}

// From the environment, once: a program that clears its environment keeps the point.
const Point& TheirPoint() {
  static const Point point = [] {
    const char* text = std::getenv("BULKHEAD_KILL_POINT");
    std::string_view rest = text == nullptr ? "" : text;
    Point read;
    read.what = Until(rest, '.');
    read.call = Until(rest, '.');
    read.when = Until(rest, ':');
    read.count = std::strtol(std::string(rest).c_str(), nullptr, 10);
    return read;
  }();
  return point;
}

std::string PathOf(int file) {
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  char path[4096];
  const ssize_t count = ::readlink(link.c_str(), path, sizeof(path));
  return count <= 0 ? "" : std::string(path, static_cast<std::size_t>(count));
}

std::string WhatOfPath(const std::string& path) {
  if (path.find("/ledger") != std::string::npos) return "ledger";
  if (path.find("bulkhead.db") != std::string::npos) return "store";
  return path.find("/models") != std::string::npos ? "models" : "";
}

std::string WhatOf(int file) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  if (::getsockopt(file, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0) {
    return domain == AF_UNIX ? "unix" : "client";
  }
  return WhatOfPath(PathOf(file));
}

std::atomic<long> calls_so_far = 0;

// Whether this call is the one.
bool IsIt(std::string_view call, const std::string& what) {
  const Point& point = TheirPoint();
  return point.call == call && (point.what == "any" || point.what == what) &&
         ++calls_so_far == point.count;
}

bool IsIt(std::string_view call, int file) {
  return TheirPoint().call == call && IsIt(call, WhatOf(file));
}

[[noreturn]] void Die() {
  ::raise(SIGKILL);
  // The first process of a namespace does not hear its own signals.
  ::_exit(128 + SIGKILL);
}

template <typename Function>
Function Next(Function, const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// The call as it is meant to be, around which the process dies if it is the one. `half` does half
// of it.
template <typename Call, typename Half>
auto Around(bool it, Call call, Half half) {
  if (!it) return call();
  if (TheirPoint().when == "before") Die();
  if (TheirPoint().when == "torn") half();
  if (TheirPoint().when == "after") call();
  Die();
}

template <typename Call>
auto Around(bool it, Call call) {
  return Around(it, call, [] {});
}

// The first half of the bytes.
std::vector<iovec> HalfOf(const iovec* pieces, std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += pieces[i].iov_len;
  std::vector<iovec> half;
  std::size_t left = bytes / 2;
  for (std::size_t i = 0; i < count && left > 0; ++i) {
    half.push_back({pieces[i].iov_base, std::min(left, pieces[i].iov_len)});
    left -= half.back().iov_len;
  }
  return half;
}

}  // namespace

#define NEXT(function) Next(&function, #function)

extern "C" ssize_t write(int file, const void* bytes, size_t count) {
  const auto next = NEXT(write);
  return Around(
      IsIt("write", file), [&] { return next(file, bytes, count); },
      [&] { next(file, bytes, count / 2); });
}

extern "C" ssize_t writev(int file, const iovec* pieces, int count) {
  const auto next = NEXT(writev);
  return Around(
      IsIt("write", file), [&] { return next(file, pieces, count); },
      [&] {
        const auto half = HalfOf(pieces, static_cast<std::size_t>(count));
        next(file, half.data(), static_cast<int>(half.size()));
      });
}

extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  const auto next = NEXT(pwrite);
  return Around(
      IsIt("write", file), [&] { return next(file, bytes, count, offset); },
      [&] { next(file, bytes, count / 2, offset); });
}

extern "C" ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  const auto next = NEXT(pwrite64);
  return Around(
      IsIt("write", file), [&] { return next(file, bytes, count, offset); },
      [&] { next(file, bytes, count / 2, offset); });
}

extern "C" int fsync(int file) {
  return Around(IsIt("sync", file), [&, next = NEXT(fsync)] { return next(file); });
}

extern "C" int fdatasync(int file) {
  return Around(IsIt("sync", file), [&, next = NEXT(fdatasync)] { return next(file); });
}

extern "C" int ftruncate(int file, off_t bytes) noexcept {
  return Around(IsIt("cut", file), [&, next = NEXT(ftruncate)] { return next(file, bytes); });
}

extern "C" int ftruncate64(int file, off64_t bytes) noexcept {
  return Around(IsIt("cut", file), [&, next = NEXT(ftruncate64)] { return next(file, bytes); });
}

extern "C" int rename(const char* from, const char* to) noexcept {
  return Around(IsIt("name", WhatOfPath(to)), [&, next = NEXT(rename)] { return next(from, to); });
}

extern "C" int renameat(int from_folder, const char* from, int folder, const char* to) noexcept {
  return Around(IsIt("name", folder),
                [&, next = NEXT(renameat)] { return next(from_folder, from, folder, to); });
}

extern "C" int link(const char* from, const char* to) noexcept {
  return Around(IsIt("name", WhatOfPath(to)), [&, next = NEXT(link)] { return next(from, to); });
}

extern "C" ssize_t send(int file, const void* bytes, size_t count, int flags) {
  const auto next = NEXT(send);
  return Around(
      IsIt("send", file), [&] { return next(file, bytes, count, flags); },
      [&] { next(file, bytes, count / 2, flags); });
}

extern "C" ssize_t sendmsg(int file, const msghdr* message, int flags) {
  const auto next = NEXT(sendmsg);
  return Around(
      IsIt("send", file), [&] { return next(file, message, flags); },
      [&] {
        auto half = HalfOf(message->msg_iov, message->msg_iovlen);
        msghdr first = *message;
        first.msg_iov = half.data();
        first.msg_iovlen = half.size();
        next(file, &first, flags);
      });
}
