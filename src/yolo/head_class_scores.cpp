// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "yolo/head_rows.h"
#include "yolo/nms.h"
#include "yolo/row_selection.h"

namespace bulkhead::yolo {
namespace {

// Shifted by the largest, so that no exponential overflows.
void Softmax(std::vector<float>& scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - largest);
  for (float& score : scores) {
    score = static_cast<float>(std::exp(static_cast<double>(score) - largest) / sum);
  }
}

}  // namespace

base::Result<std::vector<ClassScore>> DecodeClassScores(const FloatSlice& output,
                                                        std::size_t classes, bool logits) {
  if (output.rank() != 1 || output.dim(0) != classes) {
    return ShapeMisfit(output, std::to_string(classes) + " scores");
  }
  std::vector<float> scores(output.values().begin(), output.values().end());
  if (!std::all_of(scores.begin(), scores.end(), [](float v) { return std::isfinite(v); })) {
    return base::PublicError(base::Code::kCorrupt,
                             "the model's output has a score that is not a finite number");
  }
  if (logits) Softmax(scores);
  std::vector<ClassScore> sorted;
  sorted.reserve(scores.size());
  for (const uint32_t index : OrderByScore(scores)) {
    sorted.push_back({static_cast<int>(index), scores[index]});
  }
  return sorted;
}

}  // namespace bulkhead::yolo
