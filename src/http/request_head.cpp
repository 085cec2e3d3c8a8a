// SPDX-License-Identifier: Apache-2.0
#include "http/request_head.h"

#include <algorithm>
#include <array>

#include "http/grammar.h"
#include "http/request_target.h"

namespace bulkhead::http {
namespace {

constexpr std::size_t kMethodBytesMax = 32;
// Of a request line around its target: method, two spaces, "HTTP/1.1".
constexpr std::size_t kAroundTargetBytes = kMethodBytesMax + 10;

bool All(const std::array<bool, 256>& table, std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return table[static_cast<uint8_t>(c)]; });
}

bool IsVisible(char c) { return c > 0x20 && c < 0x7f; }

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The line at the front, without its CR LF, which is there: HeadScan saw it.
std::string_view TakeLine(std::string_view& head) {
  const auto end = head.find('\n');
  const std::string_view line = head.substr(0, end - 1);
  head.remove_prefix(end + 1);
  return line;
}

std::optional<Refusal> ParseVersion(std::string_view version, Request& request) {
  request.http_1_0 = version == "HTTP/1.0";
  if (request.http_1_0 || version == "HTTP/1.1") return std::nullopt;
  if (version.size() == 8 && version.starts_with("HTTP/")) {
    return Refusal{.status = 505, .message = "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  }
  return Refusal{.status = 400, .message = "The request line is malformed."};
}

std::optional<Refusal> ParseRequestLine(std::string_view line, const Limits& limits,
                                        Request& request) {
  constexpr Refusal kMalformed{.status = 400, .message = "The request line is malformed."};
  const auto method_end = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return kMalformed;
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (method.empty() || method.size() > kMethodBytesMax || !All(kTokenBytes, method))
    return kMalformed;
  if (target.empty() || !std::all_of(target.begin(), target.end(), IsVisible)) return kMalformed;
  request.method = method;
  if (auto refusal = ParseVersion(line.substr(target_end + 1), request)) return refusal;
  if (method == "CONNECT" || method == "TRACE") {
    return Refusal{.status = 405, .message = "The method is not allowed."};
  }
  if (target.size() > limits.target_bytes_max) {
    return Refusal{.status = 414, .message = "The request target is too long."};
  }
  return SplitTarget(target, request.target, request.query);
}

std::optional<Refusal> ParseFields(std::string_view fields, const Limits& limits,
                                   Headers& headers) {
  for (;;) {
    const std::string_view line = TakeLine(fields);
    if (line.empty()) return std::nullopt;
    if (headers.size() == limits.headers_max) {
      return Refusal{.status = 431, .message = "The request has too many headers."};
    }
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    // A continued line begins with white space, which is no part of a name either.
    if (colon == std::string_view::npos || name.empty() || !All(kTokenBytes, name)) {
      return Refusal{.status = 400, .message = "A header line is malformed."};
    }
    const std::string_view value = Trimmed(line.substr(colon + 1));
    if (!All(kValueBytes, value)) {
      return Refusal{.status = 400, .message = "A header's value is malformed."};
    }
    headers.Add(name, value);
  }
}

}  // namespace

std::optional<Refusal> HeadScan::Scan(std::string_view bytes, const Limits& limits) {
  while (head_bytes_ == 0) {
    const auto end = bytes.find('\n', scanned_);
    if (end == std::string_view::npos) break;
    if (end == line_begin_ || bytes[end - 1] != '\r') {
      return Refusal{.status = 400, .message = "A line ends without carriage return."};
    }
    scanned_ = end + 1;
    if (end == line_begin_ + 1) head_bytes_ = scanned_;
    line_begin_ = scanned_;
  }
  const std::size_t head = head_bytes_ > 0 ? head_bytes_ : bytes.size();
  if (head_bytes_ == 0) scanned_ = bytes.size();
  if (line_begin_ == 0 && head > limits.target_bytes_max + kAroundTargetBytes) {
    return Refusal{.status = 414, .message = "The request target is too long."};
  }
  if (head > limits.head_bytes_max) {
    return Refusal{.status = 431, .message = "The request's headers are too long."};
  }
  return std::nullopt;
}

std::optional<Refusal> ParseRequestHead(std::string_view head, const Limits& limits,
                                        Request& request, MessageFraming& framing) {
  request.method.clear();
  request.target.clear();
  request.query.clear();
  request.headers.Clear();
  if (auto refusal = ParseRequestLine(TakeLine(head), limits, request)) return refusal;
  if (auto refusal = ParseFields(head, limits, request.headers)) return refusal;
  return ReadFraming(request, framing);
}

}  // namespace bulkhead::http
