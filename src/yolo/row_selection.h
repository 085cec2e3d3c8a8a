// SPDX-License-Identifier: Apache-2.0
// From candidates to rows: class filter, cap, boxes, suppression.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "yolo/candidates.h"
#include "yolo/head_rows.h"

namespace bulkhead::yolo {

// A matrix of rows and columns in either order.
struct RowGrid {
  std::span<const float> values;
  std::size_t row_stride = 0;
  std::size_t column_stride = 0;
  std::optional<std::size_t> extras_factor = {};  // the column that extras are multiplied by

  [[nodiscard]] float At(std::size_t row, std::size_t column) const {
    return values[row * row_stride + column * column_stride];
  }
};

// Columns 0..3 of the grid are cx,cy,w,h; layout.extras columns from first_extra on are extras.
// kCorrupt: a candidate's box, or a kept row's extra, is not finite.
base::Result<std::vector<HeadRow>> SelectRows(const RowGrid& grid,
                                              std::vector<Candidate> candidates,
                                              std::size_t first_extra, const RowLayout& layout,
                                              const DetectOptions& options);

// The error of an output whose shape is not the one its head layout has.
base::Error ShapeMisfit(const FloatSlice& output, const std::string& expected);

// The error of a detection with a NaN or an infinity in it.
base::Error NotFinite();

}  // namespace bulkhead::yolo
