// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <memory>
#include <utility>

#include "http/listener.h"
#include "http/server_state.h"

namespace bulkhead::http {
namespace {

namespace asio = boost::asio;

base::Status Start(ServerState& state, base::UniqueFd fd, std::shared_ptr<TlsIdentity> tls,
                   std::optional<uid_t> peer_uid) {
  auto listener = std::make_shared<Listener>(state.io, std::move(tls), peer_uid);
  BH_TRY(listener->Adopt(std::move(fd)));
  state.Listen(std::move(listener));
  return base::Ok();
}

}  // namespace

Server::Server(asio::io_context& io, Handlers handlers, ServerOptions options)
    : state_(std::make_shared<ServerState>(io, std::move(handlers), std::move(options))) {
  if (state_->options.tick.count() > 0) state_->TickEvery(state_->options.tick);
}

Server::~Server() { state_->End(); }

base::Result<uint16_t> Server::Listen(const TcpListen& listen) {
  BH_ASSIGN(TcpSocket socket, ListenTcp(listen.host, listen.port));
  BH_TRY(Start(*state_, std::move(socket.fd), listen.tls, std::nullopt));
  return socket.port;
}

base::Status Server::Listen(const UnixListen& listen) {
  BH_ASSIGN(base::UniqueFd socket, ListenUnix(listen.path));
  return Start(*state_, std::move(socket), nullptr, listen.peer_uid);
}

void Server::Stop(std::chrono::nanoseconds drain, std::function<void()> stopped) {
  state_->Stop(drain, std::move(stopped));
}

void Server::Tick(std::chrono::nanoseconds now) { state_->Tick(now); }

Counts Server::counts() const { return state_->counts; }

}  // namespace bulkhead::http
