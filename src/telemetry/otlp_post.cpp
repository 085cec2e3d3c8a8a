// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_post.h"

#include <charconv>
#include <cstdint>
#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace bulkhead::telemetry {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using base::Code;

constexpr uint64_t kAnswerBytesMax = uint64_t{64} << 10;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

http::request<http::string_body> RequestOf(const OtlpOptions& options, std::string body) {
  http::request<http::string_body> request(http::verb::post, options.path, 11);
  const bool bracketed = options.host.find(':') != std::string::npos;
  request.set(http::field::host, (bracketed ? "[" + options.host + "]" : options.host) + ":" +
                                     std::to_string(options.port));
  request.set(http::field::user_agent, "bulkhead/" + options.service_version);
  request.set(http::field::content_type, "application/json");
  request.keep_alive(false);
  request.body() = std::move(body);
  request.prepare_payload();
  return request;
}

std::optional<std::chrono::seconds> RetryAfterOf(std::string_view text) {
  uint32_t seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

base::Error Unreachable(const OtlpOptions& options, const boost::system::error_code& failed) {
  return base::OperatorError(Code::kUnavailable, options.host + ":" + std::to_string(options.port) +
                                                     ": " + failed.message());
}

using Exchanged = std::optional<base::Result<PostAnswer>>;

// `exchanged` is set last.
asio::awaitable<void> Exchange(const OtlpOptions& options, std::string body, Exchanged& exchanged) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto [unknown, places] =
      co_await resolver.async_resolve(options.host, std::to_string(options.port), kToken);
  if (unknown) co_return void(exchanged.emplace(Unreachable(options, unknown)));
  tcp::socket socket(executor);
  const auto [refused, place] = co_await asio::async_connect(socket, places, kToken);
  if (refused) co_return void(exchanged.emplace(Unreachable(options, refused)));
  auto request = RequestOf(options, std::move(body));
  const auto [broken, written] = co_await http::async_write(socket, request, kToken);
  if (broken) co_return void(exchanged.emplace(Unreachable(options, broken)));
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytesMax);
  const auto [silent, read] = co_await http::async_read(socket, buffer, parser, kToken);
  if (silent) co_return void(exchanged.emplace(Unreachable(options, silent)));
  const auto& response = parser.get();
  exchanged.emplace(PostAnswer{static_cast<int>(response.result_int()), response.body(),
                               RetryAfterOf(response[http::field::retry_after])});
}

}  // namespace

base::Result<PostAnswer> PostJson(const OtlpOptions& options, std::string body,
                                  std::chrono::milliseconds timeout, const std::stop_token& stop) {
  // Outlives the context, whose end ends the coroutine.
  Exchanged exchanged;
  try {
    asio::io_context io(1);
    const std::stop_callback end(stop, [&io] { io.stop(); });
    asio::co_spawn(io, Exchange(options, std::move(body), exchanged), asio::detached);
    io.run_for(timeout);
  } catch (const std::exception& error) {
    return base::OperatorError(Code::kUnavailable, error.what());
  }
  if (exchanged) return *std::move(exchanged);
  return base::OperatorError(
      Code::kDeadline, options.host + ":" + std::to_string(options.port) + ": no answer in time");
}

}  // namespace bulkhead::telemetry
