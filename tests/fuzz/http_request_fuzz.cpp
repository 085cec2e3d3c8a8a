// SPDX-License-Identifier: Apache-2.0
// Any bytes as a stream of HTTP requests, through heads, chunks and Content-Encoding, with limits:
// all of it ends within them; what is read does not depend on how the bytes arrive; and Beast,
// where it reads the same message, finds the same end of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/check.h"
#include "http/chunked_body.h"
#include "http/content_coding.h"
#include "http/request_head.h"

namespace beast = boost::beast::http;

namespace bulkhead::http {
namespace {

constexpr Limits kLimits{
    .head_bytes_max = 1'024, .headers_max = 20, .target_bytes_max = 200, .body_bytes_max = 65'536};

std::vector<std::byte> Inflated(ContentCoding coding, std::span<const std::byte> in) {
  auto inflater = Inflater::Open(coding);
  std::vector<std::byte> out;
  while (inflater.ok() && !inflater.value().finished() && out.size() < kLimits.body_bytes_max) {
    const std::size_t before = out.size();
    if (!inflater.value().Step(in, 1'000, out).ok()) break;
    BH_CHECK(out.size() - before <= 1'000);
  }
  return out;
}

// Bytes of the head; 0 when it is incomplete or refused. The same for one piece and for many.
std::size_t HeadOf(std::string_view stream, std::size_t step) {
  HeadScan whole;
  const bool refused = whole.Scan(stream, kLimits).has_value();
  HeadScan pieces;
  bool pieces_refused = false;
  for (std::size_t size = 0; !pieces_refused && pieces.head_bytes() == 0;) {
    size = std::min(stream.size(), size + step);
    pieces_refused = pieces.Scan(stream.substr(0, size), kLimits).has_value();
    if (size == stream.size()) break;
  }
  if (!refused && !pieces_refused) BH_CHECK(whole.head_bytes() == pieces.head_bytes());
  return refused ? 0 : whole.head_bytes();
}

void CheckRequest(const Request& request) {
  BH_CHECK(request.target.starts_with('/'));
  BH_CHECK(request.target.find('\0') == std::string::npos);
  BH_CHECK((request.target + '/').find("/../") == std::string::npos);
  BH_CHECK(request.headers.size() <= kLimits.headers_max);
}

// Beast takes some messages that we refuse, and of those that we take it refuses lists that are no
// lists, and trailers that would frame the message anew.
bool IsKnownDifference(const boost::system::error_code& error) {
  return error == beast::error::bad_value || error == beast::error::bad_chunk_extension ||
         error == beast::error::bad_content_length ||
         error == beast::error::bad_transfer_encoding ||
         error == beast::error::multiple_content_length;
}

// `message`: one request as we found it, and the body that we found in it.
void CompareWithBeast(std::string_view message, const Request& request) {
  beast::request_parser<beast::string_body> parser;
  parser.eager(true);
  parser.header_limit(1'000'000);
  parser.body_limit(kLimits.body_bytes_max);
  boost::system::error_code error;
  std::size_t used = 0;
  while (used < message.size() && !parser.is_done()) {
    const auto rest = message.substr(used);
    used += parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error) break;
  }
  if (IsKnownDifference(error)) return;
  BH_CHECK(!error);
  BH_CHECK(parser.is_done());
  BH_CHECK(used == message.size());
  BH_CHECK(std::string_view(parser.get().method_string()) == request.method);
  const auto body = std::as_bytes(std::span(parser.get().body()));
  BH_CHECK(std::equal(body.begin(), body.end(), request.body.begin(), request.body.end()));
}

// Takes the body off `stream`; false when there is no whole one.
bool TakeBody(const MessageFraming& framing, std::span<const std::byte>& stream,
              std::vector<std::byte>& body) {
  if (framing.body == BodyFraming::kLength) {
    if (framing.length > std::min<uint64_t>(stream.size(), kLimits.body_bytes_max)) return false;
    const auto here = stream.first(framing.length);
    body.assign(here.begin(), here.end());
    stream = stream.subspan(framing.length);
  } else if (framing.body == BodyFraming::kChunked) {
    ChunkedBody chunks;
    if (chunks.Decode(stream, kLimits.body_bytes_max, body)) return false;
    BH_CHECK(body.size() <= kLimits.body_bytes_max);
    return chunks.finished();
  }
  return true;
}

// Reads requests until there is no whole one.
void ReadAll(std::span<const std::byte> stream, std::size_t step) {
  for (;;) {
    const std::string_view text(reinterpret_cast<const char*>(stream.data()), stream.size());
    const std::size_t head_bytes = HeadOf(text, step);
    if (head_bytes == 0) return;
    Request request;
    MessageFraming framing;
    if (ParseRequestHead(text.substr(0, head_bytes), kLimits, request, framing)) return;
    CheckRequest(request);
    (void)AcceptedCoding(request.headers);
    auto rest = stream.subspan(head_bytes);
    if (!TakeBody(framing, rest, request.body)) return;
    CompareWithBeast(text.substr(0, text.size() - rest.size()), request);
    const auto coding = CodingOfBody(request.headers);
    if (coding && *coding != ContentCoding::kIdentity) (void)Inflated(*coding, request.body);
    stream = rest;
  }
}

}  // namespace
}  // namespace bulkhead::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  bulkhead::http::ReadAll(bytes.subspan(1), 1 + data[0] % 64);
  return 0;
}
