// SPDX-License-Identifier: Apache-2.0
// Instance masks from prototypes and coefficients.
//
// A mask's logit at a prototype cell is the sum of coefficient x prototype. It is resampled to the
// plane of mask_plane.h, the padding is taken off, it is resampled to the picture, and it is an
// object where it is > 0, inside the detection's box only. This is the exporter's order (resample,
// then crop), computed for nothing but the cells and pixels that a box needs. For kAnchorBased, as
// in the YOLOv5 repository, probabilities are resampled in place of logits: > 0.5 is an object.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "yolo/detection.h"
#include "yolo/mask_plane.h"

namespace bulkhead::yolo {

struct MaskRequest {
  std::span<const float> coefficients;  // Prototypes::count of them
  Box input_box;                        // in pixels of the network's input, finite
  Box picture_box;                      // the same clipped to the picture
};

// The mask of one detection; x, y, width and height are those of the pixels whose corner lies in
// picture_box. nullopt when no pixel of the network's input inside input_box is an object:
// Ultralytics drops such a detection. Never nullopt for kAnchorBased: the YOLOv5 repository keeps
// it. kCorrupt: a logit is not finite.
// Cost: prototype cells of the box x count, then pixels of the box in the input (until the first
// object), in the plane and in the picture.
base::Result<std::optional<Mask>> CutMask(const MaskFrame& frame, const MaskRequest& request);

}  // namespace bulkhead::yolo
