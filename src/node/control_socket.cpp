// SPDX-License-Identifier: Apache-2.0
#include "node/control_socket.h"

#include <cerrno>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unix_socket.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

constexpr int kBacklog = 16;

}  // namespace

base::Result<base::UniqueFd> ListenForControl(const std::filesystem::path& path) {
  return base::ListenUnix(path, base::UnixSocketKind::kPackets, kBacklog);
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
  return base::ConnectUnix(path, base::UnixSocketKind::kPackets);
}

}  // namespace bulkhead::node
