// SPDX-License-Identifier: Apache-2.0
// From rows in pixels of the network's input to what each task reports, in pixels of the picture.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "yolo/detection.h"
#include "yolo/head_rows.h"
#include "yolo/masks.h"
#include "yolo/picture_map.h"

namespace bulkhead::yolo {

// Mask pixels that one picture's detections may have together: a byte each. The default 300
// detections reach it only when they fill more than 3.5 megapixels each.
inline constexpr std::size_t kMaskPixelsMax = std::size_t{1} << 30U;

std::vector<Detection> UprightDetections(std::span<const HeadRow> rows, const PictureMap& map);

// Each row's extras are keypoints of `keypoint_dims` numbers (2 or 3). Points are clipped to the
// picture.
std::vector<Detection> PoseDetections(std::span<const HeadRow> rows, std::size_t keypoint_dims,
                                      const PictureMap& map);

// The angle is a row's only extra. Neither the rotated box nor the upright one around it is
// clipped, and width may be the shorter side, as the exporter reports them. kCorrupt: a box too
// large to be told in floats.
base::Result<std::vector<Detection>> RotatedDetections(std::span<const HeadRow> rows,
                                                       const PictureMap& map);

// Each row's extras are mask coefficients. Rows without a mask (CutMask) are dropped. kCorrupt: as
// CutMask. kExhausted: more than kMaskPixelsMax.
base::Result<std::vector<Detection>> SegmentDetections(std::span<const HeadRow> rows,
                                                       const PictureMap& map,
                                                       const MaskFrame& frame);

// [coefficients, height, width]. kCorrupt: another shape, or sides beyond 32,768.
base::Result<Prototypes> PrototypesOf(const FloatSlice& output, std::size_t coefficients);

}  // namespace bulkhead::yolo
