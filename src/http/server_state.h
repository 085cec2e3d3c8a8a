// SPDX-License-Identifier: Apache-2.0
// What the connections of one HTTP server share. Of the I/O thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>

#include "base/unique_fd.h"
#include "http/listen_socket.h"
#include "http/server.h"

namespace bulkhead::http {

class Connection;
class Listener;

class ServerState : public std::enable_shared_from_this<ServerState> {
 public:
  ServerState(boost::asio::io_context& used_io, Handlers used_handlers, ServerOptions used_options);

  // What is set once.
  boost::asio::io_context& io;
  const Handlers handlers;
  const ServerOptions options;

  // What the last Tick said: all limits of time count from here.
  std::chrono::nanoseconds now;
  std::string date;

  Counts counts;

  [[nodiscard]] bool stopping() const { return stopping_; }
  void Tick(std::chrono::nanoseconds time);
  // Ticks by itself from now on, until End.
  void TickEvery(std::chrono::milliseconds interval);
  void Stop(std::chrono::nanoseconds drain, std::function<void()> stopped);
  // Ends everything at once; nobody is answered any more.
  void End();

  void Listen(std::shared_ptr<Listener> listener);

  // Starts a connection for who was accepted, if the limits allow it.
  void Admit(Accepted accepted, const Listener& listener);

  // A connection says that it is there, and that it has ended.
  void Enter(Connection& connection, const Peer& peer);
  void Leave(Connection& connection, const Peer& peer);

  // Counts bytes of a body as held; false, and nothing counted, where the limit would be passed.
  bool HoldBody(uint64_t bytes);
  void FreeBody(uint64_t bytes) { counts.bodies_bytes -= bytes; }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        async::IoExecutor>;

  // Those that live, as what is done to one may end it or another.
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> Connections() const;
  [[nodiscard]] bool PeerMayEnter(const Peer& peer, const Listener& listener) const;
  void TellStopped();

  Timer timer_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unordered_set<Connection*> connections_;
  std::map<PeerNetwork, std::size_t> peers_;
  bool stopping_ = false;
  std::chrono::nanoseconds drain_end_{};
  std::function<void()> stopped_;
};

}  // namespace bulkhead::http
