// SPDX-License-Identifier: Apache-2.0
// A server on a thread of its own, whose time goes on only when the test says so.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/monotonic_clock.h"
#include "http/server.h"

namespace bulkhead::http {

// "METHOD path?query [peer] body" as a text.
inline Response Described(const Request& request) {
  std::string text = request.method + " " + request.target + "?" + request.query + " ";
  text.append(reinterpret_cast<const char*>(request.body.data()), request.body.size());
  return MakeResponse(200, "text/plain", std::move(text));
}

inline async::Task<Response> Describe(Request& request, const RequestScope& /*scope*/) {
  co_return Described(request);
}

class TestServer {
 public:
  explicit TestServer(Handlers handlers = {.handle = Describe}, Limits limits = {},
                      std::shared_ptr<TlsIdentity> tls = nullptr, bool wipe_bodies = false)
      : work_(io_.get_executor()) {
    ServerOptions options{.limits = limits, .tick = std::chrono::milliseconds(0)};
    options.wipe_bodies = wipe_bodies;
    server_ = std::make_unique<Server>(io_, std::move(handlers), std::move(options));
    const auto port = server_->Listen(TcpListen{.host = "127.0.0.1", .port = 0, .tls = tls});
    EXPECT_TRUE(port.ok()) << port.error().detail;
    port_ = port.value();
    server_->Tick(now_);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~TestServer() {
    End();
    work_.reset();
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] uint16_t port() const { return port_; }

  // What runs is cancelled; the thread goes on.
  void End() {
    OnIo([this] { server_.reset(); });
  }

  // Runs on the I/O thread, and waits for it.
  void OnIo(std::function<void()> act) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      act();
      done.set_value();
    });
    done.get_future().wait();
  }

  void Listen(const UnixListen& listen) {
    OnIo([&] {
      const auto listening = server_->Listen(listen);
      EXPECT_TRUE(listening.ok()) << listening.error().detail;
    });
  }

  Counts counts() {
    Counts counts;
    OnIo([&] { counts = server_->counts(); });
    return counts;
  }

  // Until the counts say so: what a client sent arrives when it arrives.
  void WaitFor(const std::function<bool(const Counts&)>& reached) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!reached(counts())) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience) << "the counts never got there";
    }
  }
  void WaitForBytes(uint64_t bytes) {
    WaitFor([bytes](const Counts& counts) { return counts.received_bytes >= bytes; });
  }

  void Advance(std::chrono::nanoseconds time) {
    OnIo([&] { server_->Tick(now_ += time); });
  }

  // The future is there when the last connection has ended.
  std::future<void> Stop(std::chrono::nanoseconds drain) {
    auto stopped = std::make_shared<std::promise<void>>();
    OnIo([&] { server_->Stop(drain, [stopped] { stopped->set_value(); }); });
    return stopped->get_future();
  }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<async::IoExecutor> work_;
  std::unique_ptr<Server> server_;
  std::chrono::nanoseconds now_ = base::MonotonicNow();
  uint16_t port_ = 0;
  std::thread thread_;
};

// Requests that wait in their handler until the test answers them.
class HeldRequests {
 public:
  Handlers handlers() {
    return {.handle = [this](Request& request, const RequestScope& scope) {
      return Hold(request, scope);
    }};
  }

  // On the I/O thread: answers the oldest.
  void Answer(Response response) {
    ASSERT_FALSE(held_.empty());
    auto done = std::move(held_.front());
    held_.erase(held_.begin());
    done(std::make_shared<Response>(std::move(response)));
  }

  [[nodiscard]] std::size_t count() const { return held_.size(); }
  [[nodiscard]] int cancelled() const { return cancelled_; }

 private:
  using Answered = std::shared_ptr<Response>;

  async::Task<Response> Hold(Request& request, const RequestScope& scope) {
    const async::CancelWatch watch = scope.cancel.OnCancel([this] { ++cancelled_; });
    const Answered answer = co_await async::Await<Answered>(
        [this](async::Done<Answered> done) { held_.push_back(std::move(done)); });
    (void)request;
    co_return std::move(*answer);
  }

  std::vector<async::Done<Answered>> held_;
  int cancelled_ = 0;
};

}  // namespace bulkhead::http
