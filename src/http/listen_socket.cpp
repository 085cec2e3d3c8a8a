// SPDX-License-Identifier: Apache-2.0
#include "http/listen_socket.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unix_socket.h"

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

Peer UnixPeer(int fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {
      .text = "unix:" + std::to_string(credentials.uid) + " pid " + std::to_string(credentials.pid),
      .uid = credentials.uid};
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
  return base::ListenUnix(path, base::UnixSocketKind::kStream, kBacklog);
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
