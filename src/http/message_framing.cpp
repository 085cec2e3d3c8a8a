// SPDX-License-Identifier: Apache-2.0
#include "http/message_framing.h"

#include <charconv>

namespace bulkhead::http {
namespace {

std::optional<uint64_t> ParseLength(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;  // no sign
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

// What ReadFraming needs of the headers, from one pass over them.
struct Framers {
  int lengths = 0;
  int codings = 0;
  int hosts = 0;
  std::string_view length;
  std::string_view coding;
  std::string_view expectation;
  bool close = false;
  bool keep_alive = false;
};

Framers Collect(const Headers& headers) {
  Framers found;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers.at(i);
    if (EqualIgnoringCase(name, "content-length")) {
      ++found.lengths;
      found.length = value;
    } else if (EqualIgnoringCase(name, "transfer-encoding")) {
      ++found.codings;
      found.coding = value;
    } else if (EqualIgnoringCase(name, "host")) {
      ++found.hosts;
    } else if (EqualIgnoringCase(name, "expect")) {
      found.expectation = value;
    } else if (EqualIgnoringCase(name, "connection")) {
      ForEachListed(value, [&](std::string_view option) {
        found.close = found.close || EqualIgnoringCase(option, "close");
        found.keep_alive = found.keep_alive || EqualIgnoringCase(option, "keep-alive");
      });
    }
  }
  return found;
}

std::optional<Refusal> ReadBodyFraming(const Framers& found, bool http_1_0,
                                       MessageFraming& framing) {
  if (found.codings > 0) {
    if (found.codings > 1 || found.lengths > 0 || http_1_0) {
      return Refusal{.status = 400, .message = "The length of the body is ambiguous."};
    }
    if (!EqualIgnoringCase(found.coding, "chunked")) {
      return Refusal{.status = 501, .message = "The transfer coding is not supported."};
    }
    framing.body = BodyFraming::kChunked;
  } else if (found.lengths > 0) {
    const auto length = ParseLength(found.length);
    if (found.lengths > 1 || !length) {
      return Refusal{.status = 400, .message = "The Content-Length is not one number."};
    }
    framing.body = *length > 0 ? BodyFraming::kLength : BodyFraming::kNone;
    framing.length = *length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> ReadFraming(const Request& request, MessageFraming& framing) {
  framing = {};
  const Framers found = Collect(request.headers);
  if (found.hosts > 1 || (found.hosts == 0 && !request.http_1_0)) {
    return Refusal{.status = 400, .message = "A request names one host."};
  }
  if (auto refusal = ReadBodyFraming(found, request.http_1_0, framing)) return refusal;
  framing.keep_alive = !found.close && (!request.http_1_0 || found.keep_alive);
  if (found.expectation.empty() || request.http_1_0) return std::nullopt;
  if (!EqualIgnoringCase(found.expectation, "100-continue")) {
    return Refusal{.status = 417, .message = "Only 100-continue can be expected."};
  }
  framing.expects_continue = true;
  return std::nullopt;
}

}  // namespace bulkhead::http
