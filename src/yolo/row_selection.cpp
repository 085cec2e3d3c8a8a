// SPDX-License-Identifier: Apache-2.0
#include "yolo/row_selection.h"

#include <algorithm>
#include <cmath>

#include "yolo/nms.h"

namespace bulkhead::yolo {
namespace {

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

std::array<float, 4> CornersOf(const std::array<float, 4>& box) {
  const float half_width = box[2] / 2;
  const float half_height = box[3] / 2;
  return {box[0] - half_width, box[1] - half_height, box[0] + half_width, box[1] + half_height};
}

struct SuppressionInput {
  std::vector<float> scores;
  std::vector<int> classes;
};

SuppressionInput InputOf(std::span<const HeadRow> rows) {
  SuppressionInput input;
  input.scores.reserve(rows.size());
  input.classes.reserve(rows.size());
  for (const HeadRow& row : rows) {
    input.scores.push_back(row.score);
    input.classes.push_back(row.class_index);
  }
  return input;
}

std::vector<int> Suppress(const RowGrid& grid, std::span<const HeadRow> rows,
                          std::span<const Candidate> candidates, std::size_t angle_column,
                          const RowLayout& layout, const NmsOptions& options) {
  const SuppressionInput input = InputOf(rows);
  if (layout.task == Task::kObb) {
    std::vector<RotatedBox> boxes;
    boxes.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& box = rows[i].box;
      boxes.push_back({box[0], box[1], box[2], box[3], grid.At(candidates[i].row, angle_column)});
    }
    return SuppressRotatedBoxes(boxes, input.scores, input.classes, options);
  }
  std::vector<Box> boxes;
  boxes.reserve(rows.size());
  for (const HeadRow& row : rows) {
    boxes.push_back({row.box[0], row.box[1], row.box[2], row.box[3]});
  }
  return SuppressBoxes(boxes, input.scores, input.classes, options);
}

}  // namespace

base::Result<std::vector<HeadRow>> SelectRows(const RowGrid& grid,
                                              std::vector<Candidate> candidates,
                                              std::size_t first_extra, const RowLayout& layout,
                                              const DetectOptions& options) {
  KeepClasses(candidates, options.classes);
  KeepBest(candidates, kCandidatesMax);
  const bool rotated = layout.task == Task::kObb;
  std::vector<HeadRow> rows;
  rows.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    const std::array<float, 4> box{grid.At(candidate.row, 0), grid.At(candidate.row, 1),
                                   grid.At(candidate.row, 2), grid.At(candidate.row, 3)};
    rows.push_back({candidate.class_index, candidate.score, rotated ? box : CornersOf(box), {}});
    if (!AllFinite(rows.back().box)) return NotFinite();
    if (rotated && !std::isfinite(grid.At(candidate.row, first_extra))) return NotFinite();
  }
  const NmsOptions nms{.iou_max = options.iou_max,
                       .keep_max = options.detections_max,
                       .class_agnostic = options.class_agnostic};
  std::vector<HeadRow> kept;
  for (const int index : Suppress(grid, rows, candidates, first_extra, layout, nms)) {
    const auto i = static_cast<std::size_t>(index);
    HeadRow& row = kept.emplace_back(std::move(rows[i]));
    const float factor =
        grid.extras_factor ? grid.At(candidates[i].row, *grid.extras_factor) : 1.0F;
    for (std::size_t e = 0; e < layout.extras; ++e) {
      row.extras.push_back(factor * grid.At(candidates[i].row, first_extra + e));
    }
    if (!AllFinite(row.extras)) return NotFinite();
  }
  return kept;
}

base::Error ShapeMisfit(const FloatSlice& output, const std::string& expected) {
  std::string found;
  for (std::size_t i = 0; i < output.rank(); ++i) {
    found += (i == 0 ? "" : "x") + std::to_string(output.dim(i));
  }
  return base::PublicError(base::Code::kCorrupt,
                           "the model's output is " + found +
                               " for each picture, but this kind of model has " + expected);
}

base::Error NotFinite() {
  return base::PublicError(base::Code::kCorrupt,
                           "the model's output has a detection with a number that is not finite");
}

}  // namespace bulkhead::yolo
