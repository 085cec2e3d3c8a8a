// SPDX-License-Identifier: Apache-2.0
// What one client may take of the HTTP server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bulkhead::http {

// Times are kept by Server::Tick, so to a second.
struct Limits {
  std::size_t head_bytes_max = 16'384;   // request line and all headers; more: 431
  std::size_t headers_max = 100;         // more: 431
  std::size_t target_bytes_max = 8'192;  // path and query as sent; more: 414
  // Of one body, as sent and again after Content-Encoding; more: 413. Triton's default.
  uint64_t body_bytes_max = uint64_t{64} << 20;
  // Of all bodies that are held at once, running requests included; more: 503.
  uint64_t bodies_bytes_max = uint64_t{1} << 30;

  std::chrono::seconds head_time_max{10};  // from its first byte, or the connection's begin
  // A body must come at this rate from the grace on; slower: 408.
  std::chrono::seconds body_grace{10};
  uint64_t body_bytes_per_second_min = 16'384;
  std::chrono::seconds idle_time_max{75};   // between two requests
  std::chrono::seconds write_time_max{30};  // in which the client takes no byte
  std::chrono::seconds linger_time_max{2};  // in which a refused client may read why

  std::size_t connections_max = 16'384;
  // Of one IPv4 address or one IPv6 /64; Unix sockets have no such limit.
  std::size_t connections_per_peer_max = 1'024;

  // Responses that are compressed when the client asks for it: smaller ones gain nothing, larger
  // ones would cost more time than they save.
  std::size_t compress_bytes_min = 1'024;
  std::size_t compress_bytes_max = std::size_t{8} << 20;
};

}  // namespace bulkhead::http
