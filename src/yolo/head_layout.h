// SPDX-License-Identifier: Apache-2.0
// Which layout output0 has. What the metadata says comes before what the shape suggests, because
// shapes alone are ambiguous: 6 columns are an end-to-end row, but also a box and two classes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

struct HeadQuestion {
  Task task = Task::kDetect;       // not kClassify, whose layout is always kClassScores
  std::optional<int64_t> classes;  // unknown without names
  int64_t extra = 0;               // columns after box and classes: masks, keypoints, angle
  std::vector<int64_t> dims;       // of output0; three, -1 where variable
  std::optional<int> height;       // of the input, where static
  std::optional<int> width;
  std::optional<bool> end_to_end;    // metadata end2end
  bool nms = false;                  // metadata args['nms']
  bool yolov10 = false;              // by its description
  bool exporter_names_task = false;  // Ultralytics does, the YOLOv5 repository does not
  std::optional<HeadLayout> override_with;
};

// In this order:
// 1. the caller's override;
// 2. nms True or end2end True: kEndToEnd;
// 3. end2end False: kAnchorFree;
// 4. YOLOv10 without an end2end key (its exports were end to end before the key existed):
//    kEndToEnd, when the shape allows it;
// 5. the shape. Where several layouts fit, one whose anchor count belongs to the input's size wins
//    (strides are consecutive powers of two); then one whose anchor axis is the longer; then the
//    exporter's usual one: Ultralytics kAnchorFree, the YOLOv5 repository kAnchorBased.
//
// kInvalid: the shape contradicts 1 to 3, or fits no layout.
base::Result<HeadLayout> DecideHeadLayout(const HeadQuestion& question);

// Classes that `dims` leave room for in a layout; nullopt where they do not show.
std::optional<int64_t> ClassesInShape(HeadLayout head, const std::vector<int64_t>& dims,
                                      int64_t extra);

}  // namespace bulkhead::yolo
