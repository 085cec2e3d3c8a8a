// SPDX-License-Identifier: Apache-2.0
// The first look at a network's output: which rows score above the threshold, and for which class.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace bulkhead::yolo {

// A row whose best class is above the threshold.
struct Candidate {
  float score = 0;
  int class_index = 0;
  std::size_t row = 0;
};

// More candidates than this are cut by score before suppression, as the exporter does.
inline constexpr std::size_t kCandidatesMax = 30000;

// Both scans return candidates by rising row: those whose best score is > score_min, best class
// only, the lowest class index among equals. They fail with kCorrupt when a score they read is NaN
// or plus infinity, so that such a score can neither be reported nor silently lose to another.

// scores: float [classes, anchors]. Reads every score once, in order; on top of that each
// candidate costs one more walk over its classes.
base::Result<std::vector<Candidate>> ScanClassMajor(std::span<const float> scores,
                                                    std::size_t anchors, float score_min);

// rows: float [anchors, columns], columns = 4 box values, objectness, `classes` class scores and
// then anything. The score is objectness * class score, and objectness alone must be > score_min
// too. Class scores of rows without objectness are not read.
base::Result<std::vector<Candidate>> ScanAnchorRows(std::span<const float> rows,
                                                    std::size_t columns, std::size_t classes,
                                                    float score_min);

// Keeps the candidates whose class is listed; an empty list keeps all.
void KeepClasses(std::vector<Candidate>& candidates, std::span<const int> classes);

// Keeps the count_max best by score (among equals the lower rows), still by rising row.
void KeepBest(std::vector<Candidate>& candidates, std::size_t count_max);

}  // namespace bulkhead::yolo
