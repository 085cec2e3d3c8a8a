// SPDX-License-Identifier: Apache-2.0
// Where a request's body ends, and whether the connection goes on after it.
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "http/refusal.h"

namespace bulkhead::http {

enum class BodyFraming : uint8_t { kNone, kLength, kChunked };

struct MessageFraming {
  BodyFraming body = BodyFraming::kNone;
  uint64_t length = 0;  // of kLength
  bool keep_alive = false;
  bool expects_continue = false;
};

// From the headers of `request` (RFC 9112 section 6.3, in its strictest reading).
//
// 400: a second Content-Length, one that is not a number, one beside Transfer-Encoding;
// Transfer-Encoding in HTTP/1.0 or twice; in HTTP/1.1 no Host, or two. 417: an expectation other
// than 100-continue. 501: a transfer coding other than chunked.
std::optional<Refusal> ReadFraming(const Request& request, MessageFraming& framing);

// Calls `visit` with each element of a comma-separated list, without white space around it.
template <typename Visit>
void ForEachListed(std::string_view list, const Visit& visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const auto first = item.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    visit(item.substr(first, item.find_last_not_of(" \t") - first + 1));
  }
}

}  // namespace bulkhead::http
