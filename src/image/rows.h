// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace bulkhead::image {

// The pixels of an upright picture, RGB, handed out row by row from the top. A picture need not
// exist as a whole: its rows may be decoded when they are asked for, and then only few are held.
//
// Damage may therefore be found late. After it rows are still handed out, with undefined values,
// and Finish tells; nothing made from the rows is worth anything before Finish has returned.
//
// Rows are asked for in order: y is inside the picture and not less than in the call before, be it
// of Row or of Pick. One thread at a time.
class Rows {
 public:
  static constexpr std::size_t kChannels = 3;

  Rows() = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  virtual ~Rows() = default;

  [[nodiscard]] virtual int width() const = 0;
  [[nodiscard]] virtual int height() const = 0;

  // Row y, interleaved: 3 * width() bytes, and one more that may be read. Valid until the next
  // call.
  virtual const uint8_t* Row(int y) = 0;

  // The pixels of row y in these columns, each inside the picture: pixels[i] becomes
  // R | G << 8 | B << 16 of column columns[i], its top byte undefined. The spans are equally long.
  virtual void Pick(int y, std::span<const uint32_t> columns, std::span<uint32_t> pixels) = 0;

  // Reads what is left of the picture. Errors are those of Decode.
  virtual base::Status Finish() = 0;
};

}  // namespace bulkhead::image
