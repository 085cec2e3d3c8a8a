// SPDX-License-Identifier: Apache-2.0
#include "http/response_writer.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "base/check.h"
#include "http/refusal.h"

namespace bulkhead::http {
namespace {

void AppendNumber(std::string& out, uint64_t number) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110 section 6.4.1.
bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string HttpDate(int64_t unix_seconds) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::size_t BodyBytes(const Response& response) {
  std::size_t bytes = 0;
  for (const BodyPart& part : response.body) bytes += BytesOf(part).size();
  return bytes;
}

void WriteResponseHead(const Response& response, const HeadOptions& options, std::string& head) {
  head.assign("HTTP/1.1 ");
  AppendNumber(head, static_cast<uint64_t>(response.status));
  head.append(" ").append(ReasonPhrase(response.status)).append("\r\n");
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const auto [name, value] = response.headers.at(i);
    AppendField(head, name, value);
  }
  if (!HasNoBody(response.status)) {
    head.append("Content-Length: ");
    AppendNumber(head, BodyBytes(response));
    head.append("\r\n");
  }
  if (options.coding != ContentCoding::kIdentity) {
    AppendField(head, "Content-Encoding", CodingName(options.coding));
  }
  if (options.varies) AppendField(head, "Vary", "Accept-Encoding");
  if (!options.date.empty()) AppendField(head, "Date", options.date);
  if (!options.keep_alive) {
    AppendField(head, "Connection", "close");
  } else if (options.http_1_0) {
    AppendField(head, "Connection", "keep-alive");
  }
  head.append("\r\n");
}

void ResponseCursor::SkipEmpty() {
  while (piece_.empty() && !rest_.empty()) {
    piece_ = BytesOf(rest_.front());
    rest_ = rest_.subspan(1);
  }
}

std::span<const iovec> ResponseCursor::Pieces() {
  SkipEmpty();
  std::size_t count = 0;
  const auto add = [&](std::span<const std::byte> piece) {
    if (piece.empty()) return;
    // iovec serves reading as well as writing, so it points to what is not const.
    pieces_[count++] = {.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()};
  };
  add(piece_);
  for (const BodyPart& part : rest_) {
    if (count == kPiecesMax) break;
    add(BytesOf(part));
  }
  return std::span(pieces_).first(count);
}

void ResponseCursor::Advance(std::size_t bytes) {
  for (;;) {
    const std::size_t now = std::min(bytes, piece_.size());
    piece_ = piece_.subspan(now);
    bytes -= now;
    SkipEmpty();
    if (bytes == 0) return;
    BH_CHECK(!piece_.empty());
  }
}

}  // namespace bulkhead::http
