// SPDX-License-Identifier: Apache-2.0
#include "report/run_lengths.h"

#include <cstddef>
#include <utility>

namespace bulkhead::report {
namespace {

// Collects runs of alternating values, starting with background.
class Runs {
 public:
  void Add(bool value, int64_t pixels) {
    if (pixels == 0) return;
    if (value != current_) {
      counts_.push_back(length_);
      length_ = 0;
      current_ = value;
    }
    length_ += pixels;
  }

  std::vector<int64_t> Finish() && {
    counts_.push_back(length_);
    return std::move(counts_);
  }

 private:
  std::vector<int64_t> counts_;
  int64_t length_ = 0;
  bool current_ = false;
};

}  // namespace

std::vector<int64_t> RunLengths(const yolo::Mask& mask, int image_width, int image_height) {
  Runs runs;
  runs.Add(false, int64_t{mask.x} * image_height);
  for (int column = 0; column < mask.width; ++column) {
    runs.Add(false, mask.y);
    for (int row = 0; row < mask.height; ++row) {
      const std::size_t index =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(mask.width) +
          static_cast<std::size_t>(column);
      runs.Add(mask.bits[index] != 0, 1);
    }
    runs.Add(false, image_height - mask.y - mask.height);
  }
  runs.Add(false, int64_t{image_width - mask.x - mask.width} * image_height);
  return std::move(runs).Finish();
}

}  // namespace bulkhead::report
