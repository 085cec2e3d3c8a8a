// SPDX-License-Identifier: Apache-2.0
// The metadata_props of a YOLO export as values. Written by whoever made the file: every field is
// checked against a range before it is used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// More classes than the largest public vocabularies (ImageNet-21k has 21,841).
inline constexpr std::size_t kClassesMax = 65536;
inline constexpr std::size_t kClassNameBytesMax = 1024;
// Larger pictures do not reach a network in one piece.
inline constexpr int kImageSideMax = 16384;
inline constexpr int kStrideMax = 256;
inline constexpr int kKeypointsMax = 1024;

struct ModelMetadata {
  std::string description;
  std::string head;  // the exporter's name of the last layer, "Detect", "v10Detect", ...
  std::optional<Task> task;
  // Index = class. A class that a dict leaves out is named class_N.
  std::vector<std::string> class_names;
  std::optional<int> stride;
  std::optional<int> image_height;
  std::optional<int> image_width;
  std::optional<int> channels;
  KeypointShape keypoints;  // count 0 when not given
  std::optional<bool> end_to_end;
  bool nms = false;  // args['nms'] is True: suppression was exported into the graph
};

// kInvalid: a field that is not what the exporters write, or out of range; the message names it.
// kUnsupported: a task that is not detect, segment, pose, obb or classify.
// Unknown keys are ignored, and so is an `args` that cannot be read: it only says more about what
// the shapes show.
base::Result<ModelMetadata> ReadModelMetadata(const std::map<std::string, std::string>& metadata);

// "class_7".
std::string UnnamedClass(std::size_t index);

}  // namespace bulkhead::yolo
