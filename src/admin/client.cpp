// SPDX-License-Identifier: Apache-2.0
#include "admin/client.h"

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace bulkhead::admin {
namespace {

namespace http = boost::beast::http;
using Protocol = boost::asio::local::stream_protocol;
using Stream = boost::beast::basic_stream<Protocol>;
using boost::system::error_code;

constexpr uint64_t kAnswerBytesMax = uint64_t{256} << 20;

base::Error ConnectError(const std::filesystem::path& socket, error_code failed) {
  if (failed == boost::asio::error::access_denied) {
    return base::OperatorError(base::Code::kDenied, "this user may not use " + socket.string() +
                                                        "; run as the gateway's user or as root");
  }
  return base::OperatorError(base::Code::kUnavailable,
                             "no gateway answers at " + socket.string() + " (" + failed.message() +
                                 "); start one with bulkhead serve, or name its socket with "
                                 "--admin");
}

base::Error ExchangeError(error_code failed) {
  if (failed == boost::beast::error::timeout) {
    return base::OperatorError(base::Code::kDeadline,
                               "the gateway did not answer in time; what was asked may happen yet");
  }
  return base::OperatorError(base::Code::kUnavailable,
                             "the connection to the gateway broke: " + failed.message());
}

// The whole exchange under one deadline, which synchronous calls do not have.
class Exchange {
 public:
  Exchange(const std::filesystem::path& socket, const Request& request)
      : socket_(socket), request_(request) {
    message_.method_string(request.method);
    message_.target(request.target);
    message_.version(11);
    message_.set(http::field::host, "bulkhead");
    message_.set(http::field::connection, "close");
    if (!request.body.empty()) message_.set(http::field::content_type, request.content_type);
    message_.body() = boost::beast::span<const std::byte>(request.body.data(), request.body.size());
    message_.prepare_payload();
    parser_.body_limit(kAnswerBytesMax);
  }

  base::Result<Answer> Run() {
    stream_.expires_after(request_.timeout);
    stream_.async_connect(Protocol::endpoint(socket_.string()), [this](error_code failed) {
      if (failed) {
        error_ = ConnectError(socket_, failed);
      } else {
        Write();
      }
    });
    io_.run();
    if (error_) return *std::move(error_);
    return Answer{static_cast<int>(parser_.get().result_int()), std::move(parser_.get().body())};
  }

 private:
  void Write() {
    // A refusal may come before all of a body was taken: what was answered counts.
    http::async_write(stream_, message_, [this](error_code failed, std::size_t) { Read(failed); });
  }

  void Read(error_code written) {
    http::async_read(stream_, buffer_, parser_, [this, written](error_code failed, std::size_t) {
      if (failed) error_ = ExchangeError(written ? written : failed);
    });
  }

  const std::filesystem::path& socket_;
  const Request& request_;
  boost::asio::io_context io_;
  Stream stream_{io_};
  http::request<http::span_body<const std::byte>> message_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  std::optional<base::Error> error_;
};

}  // namespace

base::Result<Answer> Send(const std::filesystem::path& socket, const Request& request) {
  try {
    return Exchange(socket, request).Run();
  } catch (const std::exception& error) {
    // A path that is too long for a socket, or no memory.
    return base::OperatorError(base::Code::kUnavailable, socket.string() + ": " + error.what());
  }
}

}  // namespace bulkhead::admin
