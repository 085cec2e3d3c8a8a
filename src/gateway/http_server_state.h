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
#include "gateway/http_server.h"
#include "gateway/listen_socket.h"

namespace bulkhead::gateway {

class HttpConnection;
class HttpListener;

class HttpServerState : public std::enable_shared_from_this<HttpServerState> {
 public:
  HttpServerState(boost::asio::io_context& used_io, HttpHandlers used_handlers,
                  HttpServerOptions used_options);

  // What is set once.
  boost::asio::io_context& io;
  const HttpHandlers handlers;
  const HttpServerOptions options;

  // What the last Tick said: all limits of time count from here.
  std::chrono::nanoseconds now;
  std::string date;

  HttpCounts counts;

  [[nodiscard]] bool stopping() const { return stopping_; }
  void Tick(std::chrono::nanoseconds time);
  // Ticks by itself from now on, until End.
  void TickEvery(std::chrono::milliseconds interval);
  void Stop(std::chrono::nanoseconds drain, std::function<void()> stopped);
  // Ends everything at once; nobody is answered any more.
  void End();

  void Listen(std::shared_ptr<HttpListener> listener);

  // Starts a connection for who was accepted, if the limits allow it.
  void Admit(Accepted accepted, const HttpListener& listener);

  // A connection says that it is there, and that it has ended.
  void Enter(HttpConnection& connection, const Peer& peer);
  void Leave(HttpConnection& connection, const Peer& peer);

  // Counts bytes of a body as held; false, and nothing counted, where the limit would be passed.
  bool HoldBody(uint64_t bytes);
  void FreeBody(uint64_t bytes) { counts.bodies_bytes -= bytes; }

 private:
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

  // Those that live, as what is done to one may end it or another.
  [[nodiscard]] std::vector<std::shared_ptr<HttpConnection>> Connections() const;
  [[nodiscard]] bool PeerMayEnter(const Peer& peer, const HttpListener& listener) const;
  void TellStopped();

  Timer timer_;
  std::vector<std::shared_ptr<HttpListener>> listeners_;
  std::unordered_set<HttpConnection*> connections_;
  std::map<PeerNetwork, std::size_t> peers_;
  bool stopping_ = false;
  std::chrono::nanoseconds drain_end_{};
  std::function<void()> stopped_;
};

}  // namespace bulkhead::gateway
