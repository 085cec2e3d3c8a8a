// SPDX-License-Identifier: Apache-2.0
#include "gateway/http_server_state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/monotonic_clock.h"
#include "gateway/connection_socket.h"
#include "gateway/http_connection.h"
#include "gateway/http_listener.h"
#include "gateway/response_writer.h"

namespace bulkhead::gateway {

HttpServerState::HttpServerState(boost::asio::io_context& used_io, HttpHandlers used_handlers,
                                 HttpServerOptions used_options)
    : io(used_io),
      handlers(std::move(used_handlers)),
      options(std::move(used_options)),
      now(base::MonotonicNow()),
      timer_(used_io.get_executor()) {
  if (options.unix_seconds) date = HttpDate(options.unix_seconds());
}

void HttpServerState::Listen(std::shared_ptr<HttpListener> listener) {
  listeners_.push_back(listener);
  Spawn(io, HttpListener::Run(std::move(listener), shared_from_this()));
}

std::vector<std::shared_ptr<HttpConnection>> HttpServerState::Connections() const {
  std::vector<std::shared_ptr<HttpConnection>> live;
  live.reserve(connections_.size());
  for (HttpConnection* connection : connections_) {
    if (auto shared = connection->weak_from_this().lock()) live.push_back(std::move(shared));
  }
  return live;
}

void HttpServerState::Tick(std::chrono::nanoseconds time) {
  now = time;
  if (options.unix_seconds) date = HttpDate(options.unix_seconds());
  for (const auto& listener : listeners_) listener->Resume();
  const bool drained = stopping_ && now >= drain_end_;
  for (const auto& connection : Connections()) {
    if (drained) {
      connection->Break();
    } else {
      connection->Tick();
    }
  }
}

void HttpServerState::TickEvery(std::chrono::milliseconds interval) {
  timer_.expires_after(interval);
  timer_.async_wait([server = weak_from_this(), interval](const boost::system::error_code& error) {
    const auto state = server.lock();
    if (error || state == nullptr) return;
    state->Tick(base::MonotonicNow());
    state->TickEvery(interval);
  });
}

void HttpServerState::Stop(std::chrono::nanoseconds drain, std::function<void()> stopped) {
  BH_CHECK(!stopping_);
  stopping_ = true;
  drain_end_ = now + drain;
  stopped_ = std::move(stopped);
  for (const auto& listener : std::exchange(listeners_, {})) listener->Close();
  for (const auto& connection : Connections()) connection->Stop();
  if (connections_.empty()) TellStopped();
}

void HttpServerState::End() {
  stopping_ = true;
  timer_.cancel();
  stopped_ = nullptr;
  for (const auto& listener : std::exchange(listeners_, {})) listener->Drop();
  for (const auto& connection : Connections()) connection->Drop();
}

void HttpServerState::TellStopped() {
  if (stopped_) boost::asio::post(io, std::exchange(stopped_, nullptr));
}

bool HttpServerState::PeerMayEnter(const Peer& peer, const HttpListener& listener) const {
  if (peer.network) {
    const auto found = peers_.find(*peer.network);
    return found == peers_.end() || found->second < options.limits.connections_per_peer_max;
  }
  if (!listener.peer_uid()) return true;
  return peer.uid && (*peer.uid == 0 || *peer.uid == *listener.peer_uid());
}

void HttpServerState::Admit(Accepted accepted, const HttpListener& listener) {
  if (connections_.size() >= options.limits.connections_max) {
    ++counts.shed_connections;
    return;
  }
  if (!PeerMayEnter(accepted.peer, listener)) {
    ++counts.shed_peer;
    return;
  }
  std::unique_ptr<TlsStream> tls;
  if (listener.tls() != nullptr) {
    auto stream = TlsStream::Accept(*listener.tls()->context(), accepted.fd.get());
    if (!stream.ok()) {
      ++counts.shed_tls;
      return;
    }
    tls = std::move(stream).value();
  }
  auto connection = std::make_shared<HttpConnection>(shared_from_this(), std::move(tls),
                                                     std::move(accepted.peer));
  if (!connection->Adopt(std::move(accepted.fd), accepted.family).ok()) {
    ++counts.shed_descriptors;
    return;
  }
  ++counts.accepted;
  Spawn(io, HttpConnection::Run(std::move(connection)));
}

void HttpServerState::Enter(HttpConnection& connection, const Peer& peer) {
  connections_.insert(&connection);
  counts.connections = connections_.size();
  if (peer.network) ++peers_[*peer.network];
}

void HttpServerState::Leave(HttpConnection& connection, const Peer& peer) {
  connections_.erase(&connection);
  counts.connections = connections_.size();
  if (peer.network) {
    const auto found = peers_.find(*peer.network);
    if (--found->second == 0) peers_.erase(found);
  }
  if (stopping_ && connections_.empty()) TellStopped();
}

bool HttpServerState::HoldBody(uint64_t bytes) {
  if (bytes > options.limits.bodies_bytes_max -
                  std::min(counts.bodies_bytes, options.limits.bodies_bytes_max)) {
    return false;
  }
  counts.bodies_bytes += bytes;
  return true;
}

}  // namespace bulkhead::gateway
