// SPDX-License-Identifier: Apache-2.0
#include "gateway/http_server.h"

#include <memory>
#include <utility>

#include "gateway/http_listener.h"
#include "gateway/http_server_state.h"

namespace bulkhead::gateway {
namespace {

namespace asio = boost::asio;

base::Status Start(HttpServerState& state, base::UniqueFd fd, std::shared_ptr<TlsIdentity> tls,
                   std::optional<uid_t> peer_uid) {
  auto listener = std::make_shared<HttpListener>(state.io, std::move(tls), peer_uid);
  BH_TRY(listener->Adopt(std::move(fd)));
  state.Listen(std::move(listener));
  return base::Ok();
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io, HttpHandlers handlers, HttpServerOptions options)
    : state_(std::make_shared<HttpServerState>(io, std::move(handlers), std::move(options))) {
  if (state_->options.tick.count() > 0) state_->TickEvery(state_->options.tick);
}

HttpServer::~HttpServer() { state_->End(); }

base::Result<uint16_t> HttpServer::Listen(const TcpListen& listen) {
  BH_ASSIGN(TcpSocket socket, ListenTcp(listen.host, listen.port));
  BH_TRY(Start(*state_, std::move(socket.fd), listen.tls, std::nullopt));
  return socket.port;
}

base::Status HttpServer::Listen(const UnixListen& listen) {
  BH_ASSIGN(base::UniqueFd socket, ListenUnix(listen.path));
  return Start(*state_, std::move(socket), nullptr, listen.peer_uid);
}

void HttpServer::Stop(std::chrono::nanoseconds drain, std::function<void()> stopped) {
  state_->Stop(drain, std::move(stopped));
}

void HttpServer::Tick(std::chrono::nanoseconds now) { state_->Tick(now); }

HttpCounts HttpServer::counts() const { return state_->counts; }

}  // namespace bulkhead::gateway
