// SPDX-License-Identifier: Apache-2.0
// Requests and responses of HTTP/1.1 as plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "async/cancel_token.h"

namespace bulkhead::http {

// ASCII only, as names of headers and codings are compared.
[[nodiscard]] bool EqualIgnoringCase(std::string_view a, std::string_view b);

// Header fields in the order in which they came, in one block of memory.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  // A byte that could end the field, and any other control character but a tab, becomes '?'.
  void Add(std::string_view name, std::string_view value);

  // The first value of that name, whatever its case. Valid until the next Add.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;
  [[nodiscard]] std::size_t CountOf(std::string_view name) const;

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] Field at(std::size_t index) const;

  // Keeps the memory for the next message, unless it is much.
  void Clear();

 private:
  struct Place {
    uint32_t name = 0;
    uint32_t value = 0;
    uint32_t end = 0;
  };
  std::string text_;
  std::vector<Place> places_;
};

struct Request {
  std::string method;  // as sent: "GET"; methods are case-sensitive
  // The path, percent-decoded once; begins with '/', holds no NUL, no "." and no ".." as a segment.
  // An encoded slash is refused, so that what looks like one segment is one.
  std::string target;
  std::string query;  // after the '?', as sent
  Headers headers;
  std::vector<std::byte> body;  // decoded of chunks and Content-Encoding; free to be moved away
  std::string peer;             // "203.0.113.7", "2001:db8::1", "unix:<uid> pid <pid>"
  bool tls = false;
  bool http_1_0 = false;
  std::shared_ptr<void> known;  // what Handlers::on_head found out, for its `handle`
};

using BodyPart = std::variant<std::string, std::vector<std::byte>>;

[[nodiscard]] std::span<const std::byte> BytesOf(const BodyPart& part);

// The server adds Content-Length, Connection, Date and, if it compresses, Content-Encoding and
// Vary; none of these may be given (a HEAD's response is made like a GET's).
struct Response {
  int status = 200;
  Headers headers;
  std::vector<BodyPart> body;  // written one after the other, together with the head

  // Called once on the I/O thread, at the latest when the connection ends. `delivered`: the kernel
  // took all of the response. What the client's side made of it nobody can say.
  std::function<void(bool delivered)> written;
};

// 200 with one part.
[[nodiscard]] Response MakeResponse(int status, std::string_view content_type, BodyPart body);

// What surrounds a request while it runs.
struct RequestScope {
  // Cancelled when the client closes its connection (or its sending side) before it is answered, or
  // the server's time to stop is over.
  async::CancelToken cancel;
  std::chrono::nanoseconds arrived{};  // base::MonotonicNow() when the request's head was complete
};

}  // namespace bulkhead::http
