// SPDX-License-Identifier: Apache-2.0
#include "yolo/heads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "yolo/head_rows.h"
#include "yolo/picture_map.h"
#include "yolo/task_detections.h"

namespace bulkhead::yolo {
namespace {

using base::Code;
using base::PublicError;

base::Status CheckOptions(const DetectOptions& options, std::size_t classes) {
  if (!(options.confidence_min >= 0.0F && options.confidence_min <= 1.0F)) {
    return PublicError(Code::kInvalid, "the confidence threshold must be between 0 and 1");
  }
  if (!(options.iou_max >= 0.0F && options.iou_max <= 1.0F)) {
    return PublicError(Code::kInvalid, "the overlap threshold must be between 0 and 1");
  }
  if (options.detections_max < 1) {
    return PublicError(Code::kInvalid, "the number of detections must be at least 1");
  }
  if (options.classes.size() > classes) {
    return PublicError(Code::kInvalid, "more classes are asked for than the model has");
  }
  for (const int class_index : options.classes) {
    if (class_index < 0 || static_cast<std::size_t>(class_index) >= classes) {
      return PublicError(Code::kInvalid, "the model has no class " + std::to_string(class_index));
    }
  }
  return base::Ok();
}

// The first output of a rank, batch included: some exports add raw feature maps, and the order of
// rows and prototypes is the graph's affair.
base::Result<FloatSlice> TakeOutput(std::span<const base::TensorView> outputs, std::size_t rank,
                                    std::size_t picture) {
  const auto found = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const auto& output) { return output.dims.size() == rank; });
  if (found == outputs.end()) {
    return PublicError(Code::kCorrupt,
                       "the model has no output with " + std::to_string(rank) + " dimensions");
  }
  return FloatSlice::Take(*found, picture);
}

base::Result<std::vector<HeadRow>> DecodeRows(HeadLayout head, const FloatSlice& output,
                                              const RowLayout& layout,
                                              const DetectOptions& options) {
  switch (head) {
    case HeadLayout::kAnchorFree:
      return DecodeAnchorFree(output, layout, options);
    case HeadLayout::kAnchorBased:
      return DecodeAnchorBased(output, layout, options);
    case HeadLayout::kEndToEnd:
      return DecodeEndToEnd(output, layout, options);
    case HeadLayout::kClassScores:
      break;
  }
  BH_CHECK(false);
}

base::Result<std::vector<Detection>> DetectionsOf(const ModelSpec& spec,
                                                  std::span<const HeadRow> rows,
                                                  const PictureMap& map) {
  if (spec.task == Task::kObb) return RotatedDetections(rows, map);
  if (spec.task == Task::kPose) {
    return PoseDetections(rows, static_cast<std::size_t>(spec.keypoints.dims), map);
  }
  return UprightDetections(rows, map);
}

}  // namespace

base::Result<ImageResult> DecodeOutputs(const ModelSpec& spec,
                                        std::span<const base::TensorView> outputs,
                                        std::size_t batch_index, const Letterbox& letterbox,
                                        int image_width, int image_height,
                                        const DetectOptions& options) {
  BH_CHECK(image_width > 0 && image_height > 0);
  BH_ASSIGN(const RowLayout layout, LayoutOf(spec));
  BH_TRY(CheckOptions(options, layout.classes));
  ImageResult result{
      .image_width = image_width, .image_height = image_height, .detections = {}, .classes = {}};
  if (spec.task == Task::kClassify) {
    BH_ASSIGN(const FloatSlice scores, TakeOutput(outputs, 2, batch_index));
    BH_ASSIGN(result.classes,
              DecodeClassScores(scores, layout.classes, spec.imagenet_normalisation));
    return result;
  }
  BH_ASSIGN(const FloatSlice output, TakeOutput(outputs, 3, batch_index));
  BH_ASSIGN(const std::vector<HeadRow> rows, DecodeRows(spec.head, output, layout, options));
  const PictureMap map(letterbox, image_width, image_height, spec.head);
  if (spec.task == Task::kSegment) {
    BH_ASSIGN(const FloatSlice planes, TakeOutput(outputs, 4, batch_index));
    BH_ASSIGN(const Prototypes prototypes, PrototypesOf(planes, layout.extras));
    const MaskFrame frame{prototypes, letterbox, image_width, image_height, spec.head};
    BH_ASSIGN(result.detections, SegmentDetections(rows, map, frame));
    return result;
  }
  BH_ASSIGN(result.detections, DetectionsOf(spec, rows, map));
  return result;
}

}  // namespace bulkhead::yolo
