// SPDX-License-Identifier: Apache-2.0
// Classification networks are fed by Pillow, whose bilinear filter widens with the scale.
//
// Formulation. Result index i has its centre at c = (i + 0.5) * scale in the picture and takes
// every pixel p with weight max(0, 1 - |p + 0.5 - c| / f), f = max(scale, 1), normalised to sum 1
// and rounded to 1 / 2^22. Columns are resized first and rounded to 8 bits, then rows: the rounding
// in between is part of the result, so the order is kept and the same integers are computed, hence
// the same bits as Pillow.
//
// Cost. Every picture row that the crop's rows reach is resized horizontally once, for the crop's
// columns only, into a ring just long enough for one result row's taps. For 1920x1080 to 224: 1,080
// rows of the 1,080 pixels under the crop read (3.5 MB), about 10 taps per value, 0.6 MB written.
#include "yolo/resize_antialias.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/check.h"
#include "yolo/row_kernels.h"

namespace bulkhead::yolo {
namespace {

constexpr std::size_t kChannels = image::Rows::kChannels;

// Pillow adds and truncates; lround differs where the addition itself rounds.
int Nearest(double value) { return static_cast<int>(std::floor(value + 0.5)); }

void AppendWeights(double centre, double width, Taps& taps, std::vector<double>& scratch,
                   std::vector<int32_t>& weights) {
  scratch.clear();
  double sum = 0;
  const double inverse_width = 1.0 / width;
  for (std::size_t i = 0; i < taps.count; ++i) {
    const double distance = (static_cast<double>(i) + taps.first - centre + 0.5) * inverse_width;
    const double weight = std::max(0.0, 1.0 - std::abs(distance));
    scratch.push_back(weight);
    sum += weight;
  }
  taps.weights = weights.size();
  for (const double weight : scratch) {
    const double share = sum == 0 ? weight : weight / sum;
    weights.push_back(Nearest(share * (1 << kWeightBits)));
  }
}

// The filter for result indices begin .. begin + count - 1.
Filter PlanFilter(int picture_size, int content_size, int begin, int count) {
  Filter filter;
  std::vector<double> scratch;
  const double scale = static_cast<double>(picture_size) / content_size;
  const double width = std::max(scale, 1.0);
  for (int i = begin; i < begin + count; ++i) {
    const double centre = (i + 0.5) * scale;
    Taps taps;
    taps.first = std::max(Nearest(centre - width), 0);
    const int end = std::min(Nearest(centre + width), picture_size);
    taps.count = static_cast<std::size_t>(end - taps.first);
    AppendWeights(centre, width, taps, scratch, filter.weights);
    filter.longest = std::max(filter.longest, taps.count);
    filter.taps.push_back(taps);
  }
  return filter;
}

// Picture rows resized horizontally to interleaved RGB, the last `length` of them.
class RowRing {
 public:
  RowRing(image::Rows& picture, Filter columns, std::size_t length)
      : picture_(picture),
        columns_(std::move(columns)),
        row_bytes_(RoundedToLanes(columns_.taps.size() * kChannels)),
        length_(length),
        bytes_(row_bytes_ * length_) {}

  [[nodiscard]] std::size_t values() const { return columns_.taps.size() * kChannels; }

  // Row y, which must be the row after the one asked for last, or one still in the ring, or at the
  // start or after a gap any row further down.
  const uint8_t* Row(int y) {
    uint8_t* row = bytes_.data() + static_cast<std::size_t>(y) % length_ * row_bytes_;
    if (y > newest_) {
      WeighColumns(picture_.Row(y), columns_, row);
      newest_ = y;
    }
    return row;
  }

 private:
  image::Rows& picture_;
  Filter columns_;
  std::size_t row_bytes_;
  std::size_t length_;
  std::vector<uint8_t> bytes_;
  int newest_ = -1;
};

template <typename Sample>
void Resize(image::Rows& picture, const Crop& crop, const ValueTable<Sample>& table,
            const Canvas<Sample>& canvas) {
  BH_CHECK(picture.width() > 0 && picture.height() > 0);
  BH_CHECK(canvas.width > 0 && canvas.height > 0);
  BH_CHECK(crop.x >= 0 && crop.x <= crop.content_width - canvas.width);
  BH_CHECK(crop.y >= 0 && crop.y <= crop.content_height - canvas.height);
  const Filter rows = PlanFilter(picture.height(), crop.content_height, crop.y, canvas.height);
  RowRing ring(picture, PlanFilter(picture.width(), crop.content_width, crop.x, canvas.width),
               rows.longest);
  std::vector<const uint8_t*> sources(rows.longest);
  std::vector<uint8_t> values(RoundedToLanes(ring.values()));
  for (int y = 0; y < canvas.height; ++y) {
    const Taps& taps = rows.taps[static_cast<std::size_t>(y)];
    for (std::size_t t = 0; t < taps.count; ++t) {
      sources[t] = ring.Row(taps.first + static_cast<int>(t));
    }
    WeighRows(sources.data(), rows.weights.data() + taps.weights, taps.count, ring.values(),
              values.data());
    for (std::size_t c = 0; c < kChannels; ++c) {
      Sample* out = canvas.Row(c, y);
      for (std::size_t i = c; i < ring.values(); i += kChannels) *out++ = table[c][values[i]];
    }
  }
}

}  // namespace

void ResizeAntialiased(image::Rows& picture, const Crop& crop, const ValueTable<float>& table,
                       const Canvas<float>& canvas) {
  Resize(picture, crop, table, canvas);
}

void ResizeAntialiased(image::Rows& picture, const Crop& crop, const ValueTable<uint16_t>& table,
                       const Canvas<uint16_t>& canvas) {
  Resize(picture, crop, table, canvas);
}

}  // namespace bulkhead::yolo
