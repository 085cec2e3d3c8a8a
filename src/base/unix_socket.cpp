// SPDX-License-Identifier: Apache-2.0
#include "base/unix_socket.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::base {
namespace {

Error At(const std::filesystem::path& path, int error_number) {
  return WithContext(ErrnoError(error_number), path.string());
}

Result<sockaddr_un> AddressOf(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.native().size() >= sizeof(address.sun_path)) {
    return OperatorError(Code::kInvalid, "the path of a socket has 1 to " +
                                             std::to_string(sizeof(address.sun_path) - 1) +
                                             " bytes: " + path.string());
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

const sockaddr* Plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<UniqueFd> MakeSocket(UnixSocketKind kind) {
  const int type = kind == UnixSocketKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET;
  UniqueFd made(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.valid()) return ErrnoError(errno);
  return made;
}

Status RemoveStale(const std::filesystem::path& path, UnixSocketKind kind) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return Ok();
    return At(path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return OperatorError(Code::kInvalid, path.string() + " is there and is not a socket");
  }
  const auto client = ConnectUnix(path, kind);
  // Whose backlog is full is served too.
  if (client.ok() || client.error().code == Code::kExhausted) {
    return OperatorError(Code::kConflict, path.string() + " is served already");
  }
  if (client.error().code != Code::kUnavailable) return client.error();
  if (::unlink(path.c_str()) != 0) return At(path, errno);
  return Ok();
}

}  // namespace

Result<UniqueFd> ListenUnix(const std::filesystem::path& path, UnixSocketKind kind, int backlog) {
  BH_ASSIGN(const sockaddr_un address, AddressOf(path));
  BH_TRY(RemoveStale(path, kind));
  BH_ASSIGN(UniqueFd listener, MakeSocket(kind));
  if (::bind(listener.get(), Plain(address), sizeof(address)) != 0) return At(path, errno);
  // Nobody can connect before listen(2).
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return At(path, errno);
  if (::listen(listener.get(), backlog) != 0) return At(path, errno);
  return listener;
}

Result<UniqueFd> ConnectUnix(const std::filesystem::path& path, UnixSocketKind kind) {
  BH_ASSIGN(const sockaddr_un address, AddressOf(path));
  BH_ASSIGN(UniqueFd client, MakeSocket(kind));
  if (::connect(client.get(), Plain(address), sizeof(address)) == 0) return client;
  if (errno == EAGAIN) return OperatorError(Code::kExhausted, path.string() + ": busy");
  if (errno == ECONNREFUSED) {
    return OperatorError(Code::kUnavailable, path.string() + ": nobody listens there");
  }
  return At(path, errno);
}

}  // namespace bulkhead::base
