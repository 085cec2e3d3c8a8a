// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding (RFC 9112 section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "http/refusal.h"

namespace bulkhead::http {

// Takes bytes as they arrive and keeps none of them. Chunk extensions and trailers are read over;
// of both together a body may have kAsideBytesMax bytes.
class ChunkedBody {
 public:
  static constexpr std::size_t kAsideBytesMax = 8'192;

  // Appends to `body` what `bytes` hold of it, and takes them off the front of `bytes`, up to the
  // end of the body. 400: not the grammar. 413: the body would be longer than `body_bytes_max`.
  std::optional<Refusal> Decode(std::span<const std::byte>& bytes, uint64_t body_bytes_max,
                                std::vector<std::byte>& body);

  [[nodiscard]] bool finished() const { return state_ == State::kFinished; }

 private:
  enum class State : uint8_t {
    kSizeFirst,    // its first digit
    kSize,         // more digits
    kExtension,    // until the line's end
    kQuoted,       // in it, until the closing quote
    kEscaped,      // in that, the byte after a backslash
    kSizeFeed,     // the line feed after a size
    kContent,      // bytes of the body
    kContentEnd,   // the carriage return after them
    kContentFeed,  // the line feed after them
    kLineFirst,    // the first byte of a trailer line, or of the last, empty one
    kTrailerName,  // until its colon
    kTrailer,      // until the line's end
    kTrailerFeed,
    kLastFeed,
    kFinished,
  };

  // Whether the byte fits.
  bool Step(uint8_t byte);
  bool StepSize(uint8_t byte);
  bool StepQuoted(uint8_t byte);
  bool StepTrailerName(uint8_t byte);
  bool StepAside(uint8_t byte, State at_end);
  bool Become(bool fits, State next);

  State state_ = State::kSizeFirst;
  uint64_t left_ = 0;  // of the chunk
  int digits_ = 0;     // of its size
  std::size_t aside_ = 0;
};

}  // namespace bulkhead::http
