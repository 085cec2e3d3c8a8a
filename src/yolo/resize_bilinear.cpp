// SPDX-License-Identifier: Apache-2.0
// One pass from interleaved bytes to scaled planes.
//
// Formulation. Column x of the result lies at (x + 0.5) * scale - 0.5 in the picture, likewise
// rows. OpenCV computes that position in float, splits it into a pixel and a fraction, and rounds
// the fraction to 1/2048. A row is first resized horizontally: H = left * (2048 - w) + right * w,
// kept as H >> 4, which fits 16 bits (255 * 2048 / 16 = 32640). Two such rows U and L give
//   value = (((U * (2048 - v)) >> 16) + ((L * v) >> 16) + 2) >> 2.
// Both shifts truncate, so the order (columns first) and the shifts are part of the result: done
// otherwise, about one value in eight differs by one. The same integers are computed here, hence
// the same bits; OpenCV 4.6 and 5.0 agree on them. OpenCV answers an exact halving with its area
// average (a + b + c + d + 2) >> 2; both weights are 1024 then, nothing is lost by the shifts, and
// the formula above is that average, so it needs no case of its own. The two weights of a position,
// rounded separately by OpenCV, always sum to 2048.
//
// What is saved. A resized row is kept for the next result row that needs it, so each is computed
// once. Where the fraction is zero the second row is not touched. Where all fractions are zero, as
// for any odd integral scale (1920 -> 640), there is nothing to interpolate: bytes are fetched and
// scaled, and only one row in `scale` is read at all.
//
// How. Fetching pixels at uneven distances is scalar: two 4-byte loads per column, the first at the
// left pixel, the second ending with the right pixel, so that neither reads beyond the row. Vector
// gathers are avoided: mitigations for gather data sampling make them slow on some processors. All
// arithmetic is in row_kernels. Where there is nothing to interpolate, the picture itself picks the
// pixels, and converts no others if it is decoded as it is read (image::Rows).
//
// Cost, 1920x1080 to 640x640 float32: 640 pixels of 360 rows fetched; 3 * 640 * 640 * 4 = 4.9 MB
// written, pads included; no other buffer is larger than two rows. With decoding, against OpenCV's
// four calls: bench/preprocess_vs_opencv.cpp.
#include "yolo/resize_bilinear.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "yolo/row_kernels.h"

namespace bulkhead::yolo {
namespace {

static_assert(std::endian::native == std::endian::little, "FetchedRow is little endian");

constexpr int kOne = 2048;
constexpr std::size_t kChannels = image::Rows::kChannels;

struct Position {
  int pixel = 0;  // may lie one before the first or at the last pixel
  int next_weight = 0;
};

Position PositionOf(int index, double scale) {
  // Separate statements, so that no compiler fuses the product with the subtraction.
  const double product = (index + 0.5) * scale;
  const auto place = static_cast<float>(product - 0.5);
  const float floor = std::floor(place);
  const float weight = (place - floor) * kOne;
  return {static_cast<int>(floor), static_cast<int>(std::nearbyint(weight))};
}

// OpenCV inverts twice; the difference to picture / result is a last bit that can move a weight.
double ScaleOf(int picture, int result) {
  const double inverse = static_cast<double>(result) / picture;
  return 1.0 / inverse;
}

struct Columns {
  std::vector<uint32_t> left;         // picture column of each column
  std::vector<int32_t> right_weight;  // padded for the kernels
  bool are_copies = false;            // every right_weight is zero
};

Columns PlanColumns(int picture_width, int width) {
  const auto count = static_cast<std::size_t>(width);
  Columns columns;
  columns.left.resize(count);
  columns.right_weight.resize(RoundedToLanes(count));
  columns.are_copies = true;
  const double scale = ScaleOf(picture_width, width);
  for (int x = 0; x < width; ++x) {
    Position at = PositionOf(x, scale);
    if (at.pixel < 0) at = {.pixel = 0, .next_weight = 0};
    if (at.pixel >= picture_width - 1) at = {.pixel = picture_width - 1, .next_weight = 0};
    const auto i = static_cast<std::size_t>(x);
    columns.left[i] = static_cast<uint32_t>(at.pixel);
    columns.right_weight[i] = at.next_weight;
    columns.are_copies = columns.are_copies && at.next_weight == 0;
  }
  if (columns.are_copies) return columns;
  // The last pixel has no right neighbour to fetch: say it as all of its left neighbour's right.
  const auto last = static_cast<uint32_t>(picture_width - 1);
  const auto first_last = std::ranges::lower_bound(columns.left, last);
  for (auto i = static_cast<std::size_t>(first_last - columns.left.begin()); i < count; ++i) {
    --columns.left[i];
    columns.right_weight[i] = kOne;
  }
  return columns;
}

// Plain pointers: the standard library's checked index costs a third of the whole time here.
void FetchPairs(const uint8_t* row, const Columns& columns, FetchedRow& fetched) {
  const uint32_t* column = columns.left.data();
  const std::size_t count = columns.left.size();
  uint32_t* left = fetched.left.data();
  uint32_t* right = fetched.right.data();
  for (std::size_t x = 0; x < count; ++x) {
    const uint8_t* pixels = row + std::size_t{column[x]} * kChannels;
    std::memcpy(left + x, pixels, sizeof(uint32_t));
    std::memcpy(right + x, pixels + 2, sizeof(uint32_t));
  }
}

// Rows of the picture resized horizontally; the two used last are kept.
class ResizedRows {
 public:
  ResizedRows(image::Rows& picture, int width)
      : picture_(picture), columns_(PlanColumns(picture.width(), width)) {
    const std::size_t padded = RoundedToLanes(count());
    fetched_.left.resize(padded);
    fetched_.right.resize(padded);
    fetched_.right_weight = columns_.right_weight;
    for (Slot& slot : slots_) slot.row.resize(padded * kChannels);
  }

  [[nodiscard]] bool are_copies() const { return columns_.are_copies; }
  [[nodiscard]] std::size_t count() const { return columns_.left.size(); }
  [[nodiscard]] std::size_t plane() const { return RoundedToLanes(count()); }

  // The pixels themselves; only where are_copies().
  const FetchedRow& Fetch(int y) {
    picture_.Pick(y, columns_.left, std::span(fetched_.left).first(count()));
    return fetched_;
  }

  // Valid until the second next row that was not kept.
  const WideRow& Wide(int y) {
    if (slots_[0].y != y) {
      std::swap(slots_[0], slots_[1]);
      if (slots_[0].y != y) Resize(y, slots_[0]);
    }
    return slots_[0].row;
  }

 private:
  struct Slot {
    int y = -1;
    WideRow row;
  };

  void Resize(int y, Slot& slot) {
    if (columns_.are_copies) {
      Fetch(y);
    } else {
      FetchPairs(picture_.Row(y), columns_, fetched_);
    }
    BlendColumns(fetched_, count(), slot.row);
    slot.y = y;
  }

  image::Rows& picture_;
  Columns columns_;
  FetchedRow fetched_;
  std::array<Slot, 2> slots_;
};

template <typename Sample>
void Resize(image::Rows& picture, const Canvas<Sample>& canvas) {
  BH_CHECK(picture.width() > 0 && picture.height() > 0);
  BH_CHECK(canvas.width > 0 && canvas.height > 0);
  ResizedRows rows(picture, canvas.width);
  const double scale = ScaleOf(picture.height(), canvas.height);
  const int last = picture.height() - 1;
  for (int y = 0; y < canvas.height; ++y) {
    const Position at = PositionOf(y, scale);
    const int upper_y = std::clamp(at.pixel, 0, last);
    if (rows.are_copies() && at.next_weight == 0) {
      SpreadSamples(rows.Fetch(upper_y), rows.count(), canvas.Row(0, y), canvas.Row(1, y),
                    canvas.Row(2, y));
      continue;
    }
    const int lower_y = at.next_weight == 0 ? upper_y : std::clamp(at.pixel + 1, 0, last);
    const int16_t* upper = rows.Wide(upper_y).data();
    const int16_t* lower = rows.Wide(lower_y).data();
    for (std::size_t c = 0; c < kChannels; ++c) {
      const std::size_t start = c * rows.plane();
      BlendRows(upper + start, lower + start, kOne - at.next_weight, at.next_weight, rows.count(),
                canvas.Row(c, y));
    }
  }
}

}  // namespace

void ResizeBilinear(image::Rows& picture, const Canvas<float>& canvas) { Resize(picture, canvas); }

void ResizeBilinear(image::Rows& picture, const Canvas<uint16_t>& canvas) {
  Resize(picture, canvas);
}

}  // namespace bulkhead::yolo
