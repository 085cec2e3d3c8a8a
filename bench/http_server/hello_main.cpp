// SPDX-License-Identifier: Apache-2.0
// The gateway's HTTP server answering a fixed body, for bench/http_server/compare.py.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "http/server.h"

namespace async = bulkhead::async;
namespace http = bulkhead::http;

namespace {

async::Task<http::Response> Hello(http::Request& /*request*/, const http::RequestScope& /*scope*/) {
  co_return http::MakeResponse(200, "text/plain", std::string("hello\n"));
}

}  // namespace

// http-hello PORT
int main(int argc, char** argv) {
  uint16_t port = 0;
  if (argc != 2 ||
      std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), port).ec != std::errc()) {
    return 2;
  }
  boost::asio::io_context io(1);
  http::ServerOptions options;
  options.limits.connections_max = 20'000;
  options.limits.connections_per_peer_max = 20'000;
  options.unix_seconds = [] { return static_cast<int64_t>(std::time(nullptr)); };
  http::Server server(io, {.handle = Hello}, std::move(options));
  const auto listening = server.Listen(http::TcpListen{.host = "127.0.0.1", .port = port});
  if (!listening.ok()) {
    std::fprintf(stderr, "%s\n", listening.error().detail.c_str());
    return 1;
  }
  io.run();
  return 0;
}
