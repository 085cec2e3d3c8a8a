// SPDX-License-Identifier: Apache-2.0
#include "yolo/task_detections.h"

#include <cmath>
#include <string>
#include <utility>

#include "yolo/rotated_iou.h"
#include "yolo/row_selection.h"

namespace bulkhead::yolo {
namespace {

Box BoxOf(const HeadRow& row) { return {row.box[0], row.box[1], row.box[2], row.box[3]}; }

Detection DetectionOf(const HeadRow& row) {
  Detection detection;
  detection.class_index = row.class_index;
  detection.score = row.score;
  return detection;
}

}  // namespace

std::vector<Detection> UprightDetections(std::span<const HeadRow> rows, const PictureMap& map) {
  std::vector<Detection> detections;
  for (const HeadRow& row : rows) {
    Detection& detection = detections.emplace_back(DetectionOf(row));
    detection.box = map.ToPicture(BoxOf(row));
  }
  return detections;
}

std::vector<Detection> PoseDetections(std::span<const HeadRow> rows, std::size_t keypoint_dims,
                                      const PictureMap& map) {
  std::vector<Detection> detections = UprightDetections(rows, map);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<float>& values = rows[i].extras;
    for (std::size_t at = 0; at + keypoint_dims <= values.size(); at += keypoint_dims) {
      const float visibility = keypoint_dims == 3 ? values[at + 2] : 1.0F;
      detections[i].keypoints.push_back(
          map.ToPicture(Keypoint{values[at], values[at + 1], visibility}));
    }
  }
  return detections;
}

base::Result<std::vector<Detection>> RotatedDetections(std::span<const HeadRow> rows,
                                                       const PictureMap& map) {
  std::vector<Detection> detections;
  for (const HeadRow& row : rows) {
    Detection& detection = detections.emplace_back(DetectionOf(row));
    const RotatedBox box = map.ToPicture(
        RotatedBox{row.box[0], row.box[1], row.box[2], row.box[3], row.extras.front()});
    detection.rotated = box;
    detection.box = UprightBox(box);
    for (const float value : {box.cx, box.cy, box.width, box.height, detection.box.x1,
                              detection.box.y1, detection.box.x2, detection.box.y2}) {
      if (!std::isfinite(value)) return NotFinite();
    }
  }
  return detections;
}

base::Result<std::vector<Detection>> SegmentDetections(std::span<const HeadRow> rows,
                                                       const PictureMap& map,
                                                       const MaskFrame& frame) {
  std::vector<Detection> detections;
  std::size_t mask_pixels = 0;
  for (const HeadRow& row : rows) {
    Detection detection = DetectionOf(row);
    detection.box = map.ToPicture(BoxOf(row));
    const MaskRequest request{
        .coefficients = row.extras, .input_box = BoxOf(row), .picture_box = detection.box};
    BH_ASSIGN(detection.mask, CutMask(frame, request));
    if (!detection.mask) continue;
    mask_pixels += detection.mask->bits.size();
    if (mask_pixels > kMaskPixelsMax) {
      return base::PublicError(
          base::Code::kExhausted,
          "the masks of this picture cover more than " + std::to_string(kMaskPixelsMax) +
              " pixels together; ask for fewer detections or a higher confidence");
    }
    detections.push_back(std::move(detection));
  }
  return detections;
}

base::Result<Prototypes> PrototypesOf(const FloatSlice& output, std::size_t coefficients) {
  constexpr std::size_t kSideMax = 1U << 15U;
  if (output.dim(0) != coefficients || output.dim(1) == 0 || output.dim(2) == 0 ||
      output.dim(1) > kSideMax || output.dim(2) > kSideMax) {
    return ShapeMisfit(output, std::to_string(coefficients) + " mask prototypes");
  }
  return Prototypes{.values = output.values(),
                    .count = static_cast<int>(coefficients),
                    .height = static_cast<int>(output.dim(1)),
                    .width = static_cast<int>(output.dim(2))};
}

}  // namespace bulkhead::yolo
