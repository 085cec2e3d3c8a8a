// SPDX-License-Identifier: Apache-2.0
#include "http/server_state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/monotonic_clock.h"
#include "http/connection.h"
#include "http/connection_socket.h"
#include "http/listener.h"
#include "http/response_writer.h"

namespace bulkhead::http {

ServerState::ServerState(boost::asio::io_context& used_io, Handlers used_handlers,
                         ServerOptions used_options)
    : io(used_io),
      handlers(std::move(used_handlers)),
      options(std::move(used_options)),
      now(base::MonotonicNow()),
      timer_(used_io.get_executor()) {
  if (options.unix_seconds) date = HttpDate(options.unix_seconds());
}

void ServerState::Listen(std::shared_ptr<Listener> listener) {
  listeners_.push_back(listener);
  async::Spawn(io, Listener::Run(std::move(listener), shared_from_this()));
}

std::vector<std::shared_ptr<Connection>> ServerState::Connections() const {
  std::vector<std::shared_ptr<Connection>> live;
  live.reserve(connections_.size());
  for (Connection* connection : connections_) {
    if (auto shared = connection->weak_from_this().lock()) live.push_back(std::move(shared));
  }
  return live;
}

void ServerState::Tick(std::chrono::nanoseconds time) {
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

void ServerState::TickEvery(std::chrono::milliseconds interval) {
  timer_.expires_after(interval);
  timer_.async_wait([server = weak_from_this(), interval](const boost::system::error_code& error) {
    const auto state = server.lock();
    if (error || state == nullptr) return;
    state->Tick(base::MonotonicNow());
    state->TickEvery(interval);
  });
}

void ServerState::Stop(std::chrono::nanoseconds drain, std::function<void()> stopped) {
  BH_CHECK(!stopping_);
  stopping_ = true;
  drain_end_ = now + drain;
  stopped_ = std::move(stopped);
  for (const auto& listener : std::exchange(listeners_, {})) listener->Close();
  for (const auto& connection : Connections()) connection->Stop();
  if (connections_.empty()) TellStopped();
}

void ServerState::End() {
  stopping_ = true;
  timer_.cancel();
  stopped_ = nullptr;
  for (const auto& listener : std::exchange(listeners_, {})) listener->Drop();
  for (const auto& connection : Connections()) connection->Drop();
}

void ServerState::TellStopped() {
  if (stopped_) boost::asio::post(io, std::exchange(stopped_, nullptr));
}

bool ServerState::PeerMayEnter(const Peer& peer, const Listener& listener) const {
  if (peer.network) {
    const auto found = peers_.find(*peer.network);
    return found == peers_.end() || found->second < options.limits.connections_per_peer_max;
  }
  if (!listener.peer_uid()) return true;
  return peer.uid && (*peer.uid == 0 || *peer.uid == *listener.peer_uid());
}

void ServerState::Admit(Accepted accepted, const Listener& listener) {
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
  auto connection =
      std::make_shared<Connection>(shared_from_this(), std::move(tls), std::move(accepted.peer));
  if (!connection->Adopt(std::move(accepted.fd), accepted.family).ok()) {
    ++counts.shed_descriptors;
    return;
  }
  ++counts.accepted;
  async::Spawn(io, Connection::Run(std::move(connection)));
}

void ServerState::Enter(Connection& connection, const Peer& peer) {
  connections_.insert(&connection);
  counts.connections = connections_.size();
  if (peer.network) ++peers_[*peer.network];
}

void ServerState::Leave(Connection& connection, const Peer& peer) {
  connections_.erase(&connection);
  counts.connections = connections_.size();
  if (peer.network) {
    const auto found = peers_.find(*peer.network);
    if (--found->second == 0) peers_.erase(found);
  }
  if (stopping_ && connections_.empty()) TellStopped();
}

bool ServerState::HoldBody(uint64_t bytes) {
  if (bytes > options.limits.bodies_bytes_max -
                  std::min(counts.bodies_bytes, options.limits.bodies_bytes_max)) {
    return false;
  }
  counts.bodies_bytes += bytes;
  return true;
}

}  // namespace bulkhead::http
