// SPDX-License-Identifier: Apache-2.0
// A receiver of OTLP/HTTP on a port of the loopback, for tests.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sys/socket.h>

namespace bulkhead::telemetry {

class OtlpReceiver {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  // `answer` gets the number of the request, from 1. A response of status 0 is never sent: the
  // receiver hangs until its client goes away.
  explicit OtlpReceiver(std::function<Response(std::size_t number)> answer)
      : answer_(std::move(answer)),
        acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { Serve(); }) {}
  OtlpReceiver(const OtlpReceiver&) = delete;
  OtlpReceiver& operator=(const OtlpReceiver&) = delete;
  // After its clients.
  ~OtlpReceiver() {
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
  }

  static Response Answer(unsigned status, std::string body = "{}") {
    Response response(boost::beast::http::int_to_status(status), 11);
    response.body() = std::move(body);
    response.prepare_payload();
    return response;
  }
  static Response Silence() {
    Response response;
    response.result(0U);
    return response;
  }

  [[nodiscard]] uint16_t port() const { return port_; }

  // Waits until so many requests came; gives them.
  std::vector<Request> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return requests_.size() >= count; });
    return requests_;
  }

 private:
  void Serve() {
    for (;;) {
      boost::system::error_code failed;
      boost::asio::ip::tcp::socket socket(io_);
      acceptor_.accept(socket, failed);
      if (failed) return;
      boost::beast::flat_buffer buffer;
      Request request;
      boost::beast::http::read(socket, buffer, request, failed);
      if (failed) continue;
      const Response response = Keep(std::move(request));
      if (response.result_int() == 0) {
        boost::beast::http::read(socket, buffer, request, failed);
      } else {
        boost::beast::http::write(socket, response, failed);
      }
    }
  }

  Response Keep(Request request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    came_.notify_all();
    return answer_(requests_.size());
  }

  std::function<Response(std::size_t)> answer_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const uint16_t port_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace bulkhead::telemetry
