// SPDX-License-Identifier: Apache-2.0
#include "http/chunked_body.h"

#include <algorithm>

#include "http/grammar.h"

namespace bulkhead::http {
namespace {

// As many as 64 bits hold; leading zeros count.
constexpr int kSizeDigitsMax = 16;

int HexDigit(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const int lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

bool ChunkedBody::Become(bool fits, State next) {
  state_ = next;
  return fits;
}

bool ChunkedBody::StepSize(uint8_t byte) {
  const int digit = HexDigit(byte);
  if (digit >= 0) {
    if (state_ == State::kSizeFirst) digits_ = 0;
    left_ = left_ * 16 + static_cast<uint64_t>(digit);
    return Become(++digits_ <= kSizeDigitsMax, State::kSize);
  }
  if (state_ == State::kSizeFirst) return false;
  if (byte == '\r') return Become(true, State::kSizeFeed);
  return Become(byte == ';', State::kExtension);
}

bool ChunkedBody::StepAside(uint8_t byte, State at_end) {
  if (byte == '\r') return Become(true, at_end);
  return kValueBytes[byte] && ++aside_ <= kAsideBytesMax;
}

// A quote that does not end is refused: who reads on to find its end sees other chunks than we do.
bool ChunkedBody::StepQuoted(uint8_t byte) {
  State next = State::kQuoted;
  if (state_ == State::kQuoted && byte == '"') next = State::kExtension;
  if (state_ == State::kQuoted && byte == '\\') next = State::kEscaped;
  return Become(kValueBytes[byte] && ++aside_ <= kAsideBytesMax, next);
}

bool ChunkedBody::StepTrailerName(uint8_t byte) {
  const bool ends = byte == ':' && state_ == State::kTrailerName;
  state_ = ends ? State::kTrailer : State::kTrailerName;
  return (ends || kTokenBytes[byte]) && ++aside_ <= kAsideBytesMax;
}

bool ChunkedBody::Step(uint8_t byte) {
  switch (state_) {
    case State::kSizeFirst:
    case State::kSize:
      return StepSize(byte);
    case State::kExtension:
      if (byte == '"') return Become(++aside_ <= kAsideBytesMax, State::kQuoted);
      return StepAside(byte, State::kSizeFeed);
    case State::kQuoted:
    case State::kEscaped:
      return StepQuoted(byte);
    case State::kSizeFeed:
      return Become(byte == '\n', left_ > 0 ? State::kContent : State::kLineFirst);
    case State::kContentEnd:
      return Become(byte == '\r', State::kContentFeed);
    case State::kContentFeed:
      return Become(byte == '\n', State::kSizeFirst);
    case State::kLineFirst:
      if (byte == '\r') return Become(true, State::kLastFeed);
      return StepTrailerName(byte);
    case State::kTrailerName:
      return StepTrailerName(byte);
    case State::kTrailer:
      return StepAside(byte, State::kTrailerFeed);
    case State::kTrailerFeed:
      return Become(byte == '\n', State::kLineFirst);
    case State::kLastFeed:
      return Become(byte == '\n', State::kFinished);
    case State::kContent:
    case State::kFinished:
      return false;
  }
  return false;
}

std::optional<Refusal> ChunkedBody::Decode(std::span<const std::byte>& bytes,
                                           uint64_t body_bytes_max, std::vector<std::byte>& body) {
  while (!bytes.empty() && !finished()) {
    if (state_ == State::kContent) {
      if (left_ > body_bytes_max - std::min<uint64_t>(body.size(), body_bytes_max)) {
        return Refusal{.status = 413, .message = "The request's body is too large."};
      }
      const std::size_t count = std::min<uint64_t>(left_, bytes.size());
      const auto content = bytes.first(count);
      body.insert(body.end(), content.begin(), content.end());
      bytes = bytes.subspan(count);
      left_ -= count;
      if (left_ == 0) state_ = State::kContentEnd;
      continue;
    }
    if (!Step(static_cast<uint8_t>(bytes.front()))) {
      return Refusal{.status = 400, .message = "The chunks of the body are malformed."};
    }
    bytes = bytes.subspan(1);
  }
  return std::nullopt;
}

}  // namespace bulkhead::http
