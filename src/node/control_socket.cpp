// SPDX-License-Identifier: Apache-2.0
#include "node/control_socket.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

constexpr int kBacklog = 16;

base::Error At(const std::filesystem::path& path, int error_number) {
  return base::WithContext(base::ErrnoError(error_number), path.string());
}

base::Result<sockaddr_un> AddressOf(const std::filesystem::path& path) {
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

base::Result<base::UniqueFd> MakeSocket() {
  base::UniqueFd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.valid()) return base::ErrnoError(errno);
  return made;
}

const sockaddr* Plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

base::Status RemoveStale(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return base::Ok();
    return At(path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return OperatorError(Code::kInvalid, path.string() + " is there and is not a socket");
  }
  const auto client = ConnectControl(path);
  if (client.ok()) return OperatorError(Code::kConflict, path.string() + " is served already");
  if (client.error().code != Code::kUnavailable) return client.error();
  if (::unlink(path.c_str()) != 0) return At(path, errno);
  return base::Ok();
}

}  // namespace

base::Result<base::UniqueFd> ListenForControl(const std::filesystem::path& path) {
  BH_ASSIGN(const sockaddr_un address, AddressOf(path));
  BH_TRY(RemoveStale(path));
  BH_ASSIGN(base::UniqueFd listener, MakeSocket());
  if (::bind(listener.get(), Plain(address), sizeof(address)) != 0) return At(path, errno);
  // Nobody can connect before listen(2).
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return At(path, errno);
  if (::listen(listener.get(), kBacklog) != 0) return At(path, errno);
  return listener;
}

base::Result<base::UniqueFd> AcceptControl(int listener) {
  base::UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.valid()) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      return base::ErrnoError(errno);
    }
    return base::UniqueFd();
  }
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return base::ErrnoError(errno);
  }
  if (peer.uid != 0 && peer.uid != ::geteuid()) {
    return OperatorError(Code::kDenied, "user " + std::to_string(peer.uid) + " may not control " +
                                            "this node (process " + std::to_string(peer.pid) + ")");
  }
  return client;
}

base::Result<base::UniqueFd> ConnectControl(const std::filesystem::path& path) {
  BH_ASSIGN(const sockaddr_un address, AddressOf(path));
  BH_ASSIGN(base::UniqueFd client, MakeSocket());
  if (::connect(client.get(), Plain(address), sizeof(address)) == 0) return client;
  // Its backlog is full: it is served.
  if (errno == EAGAIN) return OperatorError(Code::kExhausted, path.string() + ": busy");
  if (errno == ECONNREFUSED) {
    return OperatorError(Code::kUnavailable, path.string() + ": nobody listens there");
  }
  return At(path, errno);
}

}  // namespace bulkhead::node
