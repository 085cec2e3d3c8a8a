// SPDX-License-Identifier: Apache-2.0
#include "http/listen_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::http {
namespace {

namespace ip = boost::asio::ip;
using base::Code;
using base::OperatorError;

// As many as the kernel's own limit (net.core.somaxconn) allows.
constexpr int kBacklog = 65'535;

base::Error BindError(int error_number) {
  if (error_number != EADDRINUSE) return base::ErrnoError(error_number);
  return OperatorError(Code::kConflict, "the address is in use");
}

base::Result<base::UniqueFd> Bind(const ip::tcp::endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  base::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return base::ErrnoError(errno);
  const int yes = 1;
  const int no = 0;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      // Accepted sockets inherit it.
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0) {
    return base::ErrnoError(errno);
  }
  if (family == AF_INET6 && endpoint.address().is_unspecified() &&
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) != 0) {
    return base::ErrnoError(errno);
  }
  const auto size = static_cast<socklen_t>(endpoint.size());
  if (::bind(fd.get(), endpoint.data(), size) != 0) return BindError(errno);
  if (::listen(fd.get(), kBacklog) != 0) return BindError(errno);
  return fd;
}

base::Result<uint16_t> PortOf(int fd) {
  ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(fd, endpoint.data(), &size) != 0) return base::ErrnoError(errno);
  endpoint.resize(size);
  return endpoint.port();
}

base::Error At(const std::filesystem::path& path, int error_number) {
  return base::WithContext(base::ErrnoError(error_number), path.string());
}

base::Status RemoveStale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return base::Ok();
    return At(path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return OperatorError(Code::kInvalid, path.string() + " is there and is not a socket");
  }
  const base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!client.valid()) return base::ErrnoError(errno);
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(client.get(), plain, sizeof(address)) == 0 || errno == EAGAIN) {
    return OperatorError(Code::kConflict, path.string() + " is served already");
  }
  if (errno != ECONNREFUSED) return At(path, errno);
  if (::unlink(path.c_str()) != 0) return At(path, errno);
  return base::Ok();
}

Peer UnixPeer(int fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {.text = "unix:" + std::to_string(credentials.uid), .uid = credentials.uid};
}

Peer TcpPeer(const ip::address& address) {
  if (address.is_v4()) {
    return {.text = address.to_string(),
            .network = ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes()};
  }
  if (address.to_v6().is_v4_mapped()) {
    return TcpPeer(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
  }
  auto network = address.to_v6().to_bytes();
  std::fill(network.begin() + network.size() / 2, network.end(), uint8_t{0});
  return {.text = address.to_string(), .network = network};
}

}  // namespace

base::Result<TcpSocket> ListenTcp(const std::string& host, uint16_t port) {
  boost::system::error_code error;
  const ip::address address =
      host.empty() ? ip::address(ip::address_v6::any()) : ip::make_address(host, error);
  if (error) return OperatorError(Code::kInvalid, host + " is not an address");
  auto fd = Bind({address, port});
  // A kernel without IPv6.
  if (!fd.ok() && host.empty() && fd.error().code == Code::kUnavailable) {
    fd = Bind({ip::address_v4::any(), port});
  }
  if (!fd.ok()) {
    return base::WithContext(std::move(fd).error(), host + ":" + std::to_string(port));
  }
  TcpSocket socket{.fd = std::move(fd).value()};
  BH_ASSIGN(socket.port, PortOf(socket.fd.get()));
  return socket;
}

base::Result<base::UniqueFd> ListenUnix(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.native().size() >= sizeof(address.sun_path)) {
    return OperatorError(Code::kInvalid, "a socket's path has 1 to " +
                                             std::to_string(sizeof(address.sun_path) - 1) +
                                             " bytes: " + path.string());
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  BH_TRY(RemoveStale(path, address));
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return base::ErrnoError(errno);
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(fd.get(), plain, sizeof(address)) != 0) return At(path, errno);
  // Nobody can connect before listen(2).
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return At(path, errno);
  if (::listen(fd.get(), kBacklog) != 0) return At(path, errno);
  return fd;
}

Accepted AcceptNext(int listener) {
  ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  Accepted accepted;
  accepted.fd =
      base::UniqueFd(::accept4(listener, endpoint.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted.fd.valid()) {
    accepted.error = errno;
    return accepted;
  }
  accepted.family = endpoint.data()->sa_family;
  accepted.peer =
      accepted.family == AF_UNIX ? UnixPeer(accepted.fd.get()) : TcpPeer(endpoint.address());
  return accepted;
}

}  // namespace bulkhead::http
