// SPDX-License-Identifier: Apache-2.0
#include "telemetry/http_exchange.h"

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

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

http::request<http::string_body> RequestOf(HttpAsk& ask) {
  const std::string target = ask.place.path.empty() ? "/" : ask.place.path;
  http::request<http::string_body> request(ask.json ? http::verb::post : http::verb::get, target,
                                           11);
  request.set(http::field::host, ask.place.Authority());
  request.set(http::field::user_agent, ask.user_agent);
  request.keep_alive(false);
  if (ask.json) {
    request.set(http::field::content_type, "application/json");
    request.body() = *std::move(ask.json);
    request.prepare_payload();
  }
  return request;
}

base::Error Unreachable(const HttpPlace& place, const boost::system::error_code& failed) {
  return base::OperatorError(Code::kUnavailable, place.Authority() + ": " + failed.message());
}

using Exchanged = std::optional<base::Result<HttpAnswer>>;

// `exchanged` is set last.
asio::awaitable<void> Exchange(HttpAsk& ask, Exchanged& exchanged) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto [unknown, places] =
      co_await resolver.async_resolve(ask.place.host, std::to_string(ask.place.port), kToken);
  if (unknown) co_return void(exchanged.emplace(Unreachable(ask.place, unknown)));
  tcp::socket socket(executor);
  const auto [refused, place] = co_await asio::async_connect(socket, places, kToken);
  if (refused) co_return void(exchanged.emplace(Unreachable(ask.place, refused)));
  auto request = RequestOf(ask);
  const auto [broken, written] = co_await http::async_write(socket, request, kToken);
  if (broken) co_return void(exchanged.emplace(Unreachable(ask.place, broken)));
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(ask.answer_bytes_max);
  const auto [silent, read] = co_await http::async_read(socket, buffer, parser, kToken);
  if (silent) co_return void(exchanged.emplace(Unreachable(ask.place, silent)));
  auto response = parser.release();
  const std::string retry_after(response[http::field::retry_after]);
  exchanged.emplace(
      HttpAnswer{static_cast<int>(response.result_int()), std::move(response.body()), retry_after});
}

}  // namespace

base::Result<HttpAnswer> ExchangeHttp(HttpAsk ask, const std::stop_token& stop) {
  // Outlives the context, whose end ends the coroutine.
  Exchanged exchanged;
  try {
    asio::io_context io(1);
    const std::stop_callback end(stop, [&io] { io.stop(); });
    asio::co_spawn(io, Exchange(ask, exchanged), asio::detached);
    io.run_for(ask.timeout);
  } catch (const std::exception& error) {
    return base::OperatorError(Code::kUnavailable, error.what());
  }
  if (exchanged) return *std::move(exchanged);
  return base::OperatorError(Code::kDeadline, ask.place.Authority() + ": no answer in time");
}

}  // namespace bulkhead::telemetry
