// SPDX-License-Identifier: Apache-2.0
// A response as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <sys/uio.h>

#include "http/content_coding.h"
#include "http/message.h"

namespace bulkhead::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string HttpDate(int64_t unix_seconds);

struct HeadOptions {
  bool http_1_0 = false;
  bool keep_alive = true;
  ContentCoding coding = ContentCoding::kIdentity;  // of the body as it is
  bool varies = false;                              // whether Accept-Encoding made a difference
  std::string_view date;                            // empty: no Date
};

// Overwrites `head` with the status line and the headers.
void WriteResponseHead(const Response& response, const HeadOptions& options, std::string& head);

[[nodiscard]] std::size_t BodyBytes(const Response& response);

// What of a head and the parts of a body is still to be written. Refers to both.
class ResponseCursor {
 public:
  ResponseCursor(std::string_view head, std::span<const BodyPart> body)
      : piece_(std::as_bytes(std::span(head))), rest_(body) {}

  [[nodiscard]] bool finished() const { return piece_.empty() && rest_.empty(); }

  // The next pieces, as many as fit into one write.
  [[nodiscard]] std::span<const iovec> Pieces();
  // That many bytes were written.
  void Advance(std::size_t bytes);

 private:
  static constexpr std::size_t kPiecesMax = 16;

  void SkipEmpty();

  std::span<const std::byte> piece_;
  std::span<const BodyPart> rest_;
  std::array<iovec, kPiecesMax> pieces_{};
};

}  // namespace bulkhead::http
