// SPDX-License-Identifier: Apache-2.0
// What every head layout is turned into: the rows that are left after thresholds and suppression.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/result.h"
#include "yolo/detection.h"
#include "yolo/float_slice.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// How many numbers a row has beside its box: class scores, then extras (mask coefficients, keypoint
// values or the angle).
struct RowLayout {
  Task task = Task::kDetect;
  std::size_t classes = 0;
  std::size_t extras = 0;
};

// One detection in pixels of the network's input. Every number is finite.
struct HeadRow {
  int class_index = 0;
  float score = 0;
  std::array<float, 4> box{};  // x1,y1,x2,y2; obb: cx,cy,w,h
  std::vector<float> extras;
};

// kUnsupported: a task and head layout that no exporter combines. kInvalid: no classes, or counts
// of keypoints or mask coefficients that cannot be.
base::Result<RowLayout> LayoutOf(const ModelSpec& spec);

// The three decoders. Each returns at most options.detections_max rows, by falling score except
// DecodeEndToEnd, which keeps the graph's order. kCorrupt: a shape that does not fit the layout, or
// a number that is not finite in a row above the threshold or among the scores.

// [4 + classes + extras, anchors]: cx,cy,w,h,scores...,extras...
base::Result<std::vector<HeadRow>> DecodeAnchorFree(const FloatSlice& output,
                                                    const RowLayout& layout,
                                                    const DetectOptions& options);
// [anchors, 5 + classes + extras]: cx,cy,w,h,objectness,scores...,extras...
base::Result<std::vector<HeadRow>> DecodeAnchorBased(const FloatSlice& output,
                                                     const RowLayout& layout,
                                                     const DetectOptions& options);
// [rows, 6 + extras]: x1,y1,x2,y2,score,class,extras... (obb: cx,cy,w,h). Rows that the graph added
// as padding have score 0 and fall to the threshold.
base::Result<std::vector<HeadRow>> DecodeEndToEnd(const FloatSlice& output, const RowLayout& layout,
                                                  const DetectOptions& options);

// [classes]: every class by falling score. With `logits` a softmax comes first.
base::Result<std::vector<ClassScore>> DecodeClassScores(const FloatSlice& output,
                                                        std::size_t classes, bool logits);

}  // namespace bulkhead::yolo
