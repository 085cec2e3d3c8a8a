// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over TCP, TLS and Unix sockets, without any route.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "async/task.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/message.h"

namespace bulkhead::http {

class ServerState;
class TlsIdentity;

// What is decided when a request's head is there, and nothing of its body.
struct HeadDecision {
  std::optional<Response> refusal;  // sent instead of reading the body
  // Instead of Limits::body_bytes_max, and besides Limits::bodies_bytes_max.
  std::optional<uint64_t> body_bytes_max;
  std::shared_ptr<void> known;  // becomes Request::known
};

// All are called on the I/O thread.
struct Handlers {
  // Answers a request. The request is the caller's until the task ends. An exception becomes a 500.
  std::function<async::Task<Response>(Request&, const RequestScope&)> handle;
  // Optional: before the body is read, and before a client that expects it is told 100 Continue.
  std::function<HeadDecision(const Request& head)> on_head;
  // Optional: the body in which the server's own refusals (400, 408, 413, 414, 417, 431, 500, 501,
  // 503, 505) are worded. `message` may be shown to the client. What of the request is known stands
  // in `head`; its target is empty when it was not understood.
  std::function<Response(int status, std::string_view message, const Request& head)> refuse;
};

struct ServerOptions {
  Limits limits;
  // Drives every limit of time. Zero: the caller calls Tick itself (tests).
  std::chrono::milliseconds tick{1000};
  // Bodies may be secret: they are never copied without being wiped where they were, and wiped when
  // nobody took them. Bodies in chunks or with a Content-Encoding are refused then (501).
  bool wipe_bodies = false;
  // For the Date header; none without. Asked once per tick. Seconds since 1970 (UTC).
  std::function<int64_t()> unix_seconds;
};

struct TcpListen {
  std::string host;   // an address, or empty for all of IPv6 and IPv4; names are not looked up
  uint16_t port = 0;  // 0: any free one
  std::shared_ptr<TlsIdentity> tls;  // none: plain
};

struct UnixListen {
  std::filesystem::path path;  // of a socket; one that an ended server left is replaced
  // Who may connect besides root. Everybody the file's mode lets in, without.
  std::optional<uid_t> peer_uid;
};

// Since the start, but for the first two.
struct Counts {
  uint64_t connections = 0;       // open now
  uint64_t bodies_bytes = 0;      // held now
  uint64_t accepted = 0;          // connections
  uint64_t requests = 0;          // whose head was understood
  uint64_t cancelled = 0;         // whose client went away while they ran
  uint64_t undelivered = 0;       // whose response could not be written
  uint64_t received_bytes = 0;    // of HTTP, within TLS
  uint64_t sent_bytes = 0;        // of HTTP, within TLS
  uint64_t refused = 0;           // by the server itself: all of its 4xx and 5xx
  uint64_t shed_connections = 0;  // over connections_max
  uint64_t shed_peer = 0;         // over connections_per_peer_max, or not the peer_uid
  uint64_t shed_descriptors = 0;  // this process had none left
  uint64_t shed_head = 0;         // head_time_max, TLS handshakes included
  uint64_t shed_body = 0;         // body_bytes_per_second_min
  uint64_t shed_bodies = 0;       // bodies_bytes_max
  uint64_t shed_write = 0;        // write_time_max
  uint64_t shed_idle = 0;         // idle_time_max
  uint64_t shed_tls = 0;          // handshakes that failed
};

// Of the I/O thread. Connections outlive the object only as far as their handlers run: end it after
// Stop called back, or when the io_context runs no more.
class Server {
 public:
  Server(boost::asio::io_context& io, Handlers handlers, ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Begins to accept; gives the port. kInvalid: no address. Errors of the system otherwise:
  // kConflict (in use), kDenied, kExhausted, kUnavailable.
  base::Result<uint16_t> Listen(const TcpListen& listen);
  // Mode 0600. kConflict: another server answers there, or it is no socket.
  base::Status Listen(const UnixListen& listen);

  // Accepts no more, ends idle connections, answers what runs with Connection: close. After `drain`
  // the rest is cancelled and closed. `stopped` is called once, when the last connection ended.
  void Stop(std::chrono::nanoseconds drain, std::function<void()> stopped);

  // What is overdue at `now` (base::MonotonicNow's clock) ends.
  void Tick(std::chrono::nanoseconds now);

  [[nodiscard]] Counts counts() const;

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace bulkhead::http
