// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yolo/head_rows.h"
#include "yolo/nms.h"
#include "yolo/row_selection.h"

namespace bulkhead::yolo {
namespace {

constexpr std::size_t kScore = 4;
constexpr std::size_t kClass = 5;
constexpr std::size_t kFirstExtra = 6;

// The class that a float names, when it names one.
std::optional<int> ClassIndex(float value, std::size_t classes) {
  if (!(value >= 0.0F) || !(value < static_cast<float>(classes))) return std::nullopt;
  if (value != std::floor(value)) return std::nullopt;
  return static_cast<int>(value);
}

std::vector<HeadRow> ByScore(std::vector<HeadRow> rows) {
  std::vector<float> scores;
  scores.reserve(rows.size());
  for (const HeadRow& row : rows) scores.push_back(row.score);
  std::vector<HeadRow> sorted;
  sorted.reserve(rows.size());
  for (const uint32_t index : OrderByScore(scores)) sorted.push_back(std::move(rows[index]));
  return sorted;
}

}  // namespace

base::Result<std::vector<HeadRow>> DecodeEndToEnd(const FloatSlice& output, const RowLayout& layout,
                                                  const DetectOptions& options) {
  const std::size_t columns = kFirstExtra + layout.extras;
  if (output.rank() != 2 || output.dim(1) != columns) {
    return ShapeMisfit(output, "rows x " + std::to_string(columns));
  }
  std::vector<HeadRow> kept;
  for (std::size_t i = 0; i < output.dim(0); ++i) {
    const auto values = output.values().subspan(i * columns, columns);
    if (std::isnan(values[kScore])) return NotFinite();
    if (!(values[kScore] > options.confidence_min)) continue;
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
      return NotFinite();
    }
    const auto class_index = ClassIndex(values[kClass], layout.classes);
    if (!class_index) {
      return base::PublicError(base::Code::kCorrupt,
                               "the model's output has a detection of a class it does not have");
    }
    if (!options.classes.empty() && std::find(options.classes.begin(), options.classes.end(),
                                              *class_index) == options.classes.end()) {
      continue;
    }
    HeadRow row{*class_index, values[kScore], {}, {}};
    std::copy_n(values.begin(), row.box.size(), row.box.begin());
    row.extras.assign(values.begin() + kFirstExtra, values.end());
    kept.push_back(std::move(row));
    if (kept.size() == static_cast<std::size_t>(options.detections_max)) break;
  }
  return ByScore(std::move(kept));
}

}  // namespace bulkhead::yolo
