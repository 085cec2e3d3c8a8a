// SPDX-License-Identifier: Apache-2.0
#include "yolo/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace bulkhead::yolo {
namespace {

constexpr float kFloatMax = std::numeric_limits<float>::max();
constexpr std::size_t kObjectness = 4;

// Anchors looked at together: their running maxima (2 KiB) stay in the first cache level, and their
// scores of 80 classes (160 KiB) in the second, where the search for a candidate's class finds
// them.
constexpr std::size_t kBlock = 512;

base::Error NotANumber() {
  return base::PublicError(base::Code::kCorrupt,
                           "the model's output has a score that is not a finite number");
}

// best[i] = max over the classes of block[class * anchors + i], for i < count. Returns whether a
// score was NaN or plus infinity. Neither loop has a branch, so that both vectorise.
bool BestScores(const float* block, std::size_t classes, std::size_t anchors, std::size_t count,
                float* best) {
  unsigned bad = 0;
  for (std::size_t i = 0; i < count; ++i) {
    best[i] = block[i];
    bad |= static_cast<unsigned>(!(block[i] <= kFloatMax));
  }
  for (std::size_t c = 1; c < classes; ++c) {
    const float* row = block + c * anchors;
    for (std::size_t i = 0; i < count; ++i) {
      best[i] = row[i] > best[i] ? row[i] : best[i];
      bad |= static_cast<unsigned>(!(row[i] <= kFloatMax));
    }
  }
  return bad != 0;
}

int ClassOf(float score, const float* first, std::size_t anchors) {
  int class_index = 0;
  while (*first != score) {
    first += anchors;
    ++class_index;
  }
  return class_index;
}

bool Better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

}  // namespace

base::Result<std::vector<Candidate>> ScanClassMajor(std::span<const float> scores,
                                                    std::size_t anchors, float score_min) {
  std::vector<Candidate> found;
  if (scores.empty()) return found;
  BH_CHECK(anchors > 0 && scores.size() % anchors == 0);
  const std::size_t classes = scores.size() / anchors;
  alignas(64) std::array<float, kBlock> best;
  for (std::size_t start = 0; start < anchors; start += kBlock) {
    const float* block = scores.data() + start;
    const std::size_t count = std::min(kBlock, anchors - start);
    if (BestScores(block, classes, anchors, count, best.data())) return NotANumber();
    for (std::size_t i = 0; i < count; ++i) {
      if (best[i] > score_min) {
        found.push_back({best[i], ClassOf(best[i], block + i, anchors), start + i});
      }
    }
  }
  return found;
}

base::Result<std::vector<Candidate>> ScanAnchorRows(std::span<const float> rows,
                                                    std::size_t columns, std::size_t classes,
                                                    float score_min) {
  BH_CHECK(columns >= kObjectness + 1 + classes && rows.size() % columns == 0);
  std::vector<Candidate> found;
  for (std::size_t row = 0; row < rows.size() / columns; ++row) {
    const float* values = rows.data() + row * columns;
    const float objectness = values[kObjectness];
    if (std::isnan(objectness)) return NotANumber();
    if (!(objectness > score_min)) continue;
    Candidate candidate{-std::numeric_limits<float>::infinity(), 0, row};
    for (std::size_t c = 0; c < classes; ++c) {
      const float score = objectness * values[kObjectness + 1 + c];
      if (!(score <= kFloatMax)) return NotANumber();
      if (score > candidate.score) {
        candidate.score = score;
        candidate.class_index = static_cast<int>(c);
      }
    }
    if (candidate.score > score_min) found.push_back(candidate);
  }
  return found;
}

void KeepClasses(std::vector<Candidate>& candidates, std::span<const int> classes) {
  if (classes.empty()) return;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return std::find(classes.begin(), classes.end(), candidate.class_index) == classes.end();
  });
}

void KeepBest(std::vector<Candidate>& candidates, std::size_t count_max) {
  if (candidates.size() <= count_max) return;
  const auto cut = candidates.begin() + static_cast<std::ptrdiff_t>(count_max);
  std::nth_element(candidates.begin(), cut, candidates.end(), Better);
  candidates.erase(cut, candidates.end());
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.row < b.row; });
}

}  // namespace bulkhead::yolo
