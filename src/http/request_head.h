// SPDX-License-Identifier: Apache-2.0
// The request line and the headers of HTTP/1.1 (RFC 9112), read strictly: where two readers could
// disagree about where a message ends, there is no message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"
#include "http/message_framing.h"
#include "http/refusal.h"

namespace bulkhead::http {

// Looks for the end of a head in bytes that arrive piece by piece, each of them once.
class HeadScan {
 public:
  // `bytes`: all there are since the head's begin. 400: a line feed without carriage return.
  // 414, 431: longer than the limits allow.
  std::optional<Refusal> Scan(std::string_view bytes, const Limits& limits);

  // Bytes of the head with its empty line; 0 while it is incomplete.
  [[nodiscard]] std::size_t head_bytes() const { return head_bytes_; }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t head_bytes_ = 0;
};

// Reads a complete head. `request` gets everything but its body and its peer; after a refusal, what
// was understood until then.
//
// 400: not the grammar, a continued header line, a second Content-Length, Content-Length beside
// Transfer-Encoding, no Host or two. 405: CONNECT, TRACE. 414, 431: over the limits. 417: an
// expectation other than 100-continue. 501: a transfer coding other than chunked. 505: another
// version than 1.0 and 1.1.
std::optional<Refusal> ParseRequestHead(std::string_view head, const Limits& limits,
                                        Request& request, MessageFraming& framing);

}  // namespace bulkhead::http
