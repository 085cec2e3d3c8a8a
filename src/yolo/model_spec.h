// SPDX-License-Identifier: Apache-2.0
// Everything about a YOLO model that decoding needs, read from the graph and its metadata.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::yolo {

enum class Task { kDetect, kSegment, kPose, kObb, kClassify };

// How the rows of output0 are to be read (serving formats: docs/formats/yolo_outputs.md).
enum class HeadLayout {
  kAnchorBased,  // v5: [N, anchors, 5+nc(+32)]: cx,cy,w,h,objectness,classes...; score = obj * cls
  kAnchorFree,   // v8/v9/11/12: [N, 4+nc(+extra), anchors]: cx,cy,w,h,classes...
  kEndToEnd,     // v10/26 and exports with nms=True: [N, rows, 6(+extra)]: x1,y1,x2,y2,score,class;
                 // obb: cx,cy,w,h,score,class,angle
  kClassScores,  // [N, nc], softmax applied
};

// Static sizes are positive; a dynamic one is nullopt.
struct InputSpec {
  std::string name;
  base::ElementType type = base::ElementType::kFloat32;  // kFloat32 or kFloat16
  std::optional<int> batch;
  std::optional<int> height;
  std::optional<int> width;
};

struct KeypointShape {
  int count = 0;
  int dims = 0;  // 2: x,y; 3: x,y,visibility
};

struct ModelSpec {
  std::string family;  // "YOLOv8", "YOLO11", ...; by layout when the metadata does not say
  std::string size;    // "n", "s", "m", "l", "x" or empty
  Task task = Task::kDetect;
  HeadLayout head = HeadLayout::kAnchorFree;
  std::vector<std::string> class_names;  // index = class
  int stride = 32;
  // What a dynamic height and width default to (metadata imgsz).
  int default_height = 640;
  int default_width = 640;
  InputSpec input;
  KeypointShape keypoints;    // pose only
  int mask_coefficients = 0;  // segment only
  // v5 classification networks expect ImageNet mean and deviation; later ones 0..1.
  bool imagenet_normalisation = false;
  // The graph already suppressed overlaps with its own thresholds (end to end or nms=True).
  bool nms_in_graph = false;
};

// What the caller knows better than the file. Unset fields are read from the model.
struct SpecOverrides {
  std::optional<Task> task;
  std::optional<HeadLayout> head;
  std::vector<std::string> class_names;
  std::optional<int> stride;
  std::optional<int> image_height;
  std::optional<int> image_width;
};

// Reads a spec from a graph's inputs, outputs and metadata_props as Ultralytics and the YOLOv5
// repository write them. `end2end` and `args['nms']` decide the layout before the shape does;
// shapes must then agree with what the metadata says.
//
// kInvalid: not a YOLO export (the message names what is missing), or metadata that contradicts the
// graph. kUnsupported: a YOLO whose task or outputs we do not decode.
base::Result<ModelSpec> ReadModelSpec(const base::GraphDescription& graph,
                                      const SpecOverrides& overrides = {});

std::string_view TaskName(Task task);
std::optional<Task> ParseTask(std::string_view name);
std::string_view HeadLayoutName(HeadLayout head);

}  // namespace bulkhead::yolo
