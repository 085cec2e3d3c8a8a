// SPDX-License-Identifier: Apache-2.0
// Instance masks from prototypes and coefficients.
//
// A mask's logit at a prototype cell is the sum of coefficient x prototype. It is resampled to the
// network's input size, its padding is taken off, it is resampled to the picture, and it is an
// object where it is > 0, inside the detection's box only. This is the exporter's order (resample,
// then crop), computed for nothing but the cells and pixels that a box needs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "yolo/detection.h"
#include "yolo/letterbox.h"

namespace bulkhead::yolo {

// float [count, height, width]; the sizes are positive and agree with `values`.
struct Prototypes {
  std::span<const float> values;
  int count = 0;
  int height = 0;
  int width = 0;
};

struct MaskRequest {
  std::span<const float> coefficients;  // Prototypes::count of them
  Box input_box;                        // in pixels of the network's input, finite
  Box picture_box;                      // the same clipped to the picture
};

// The mask of one detection; x, y, width and height are those of the pixels whose corner lies in
// picture_box. nullopt when no pixel of the network's input inside input_box is an object: the
// exporter drops such a detection. kCorrupt: a logit is not finite.
// The letterbox's content must lie inside its input.
// Cost: prototype cells of the box x count, then pixels of the box in the input and in the picture.
base::Result<std::optional<Mask>> CutMask(const Prototypes& prototypes, const MaskRequest& request,
                                          const Letterbox& letterbox, int image_width,
                                          int image_height);

}  // namespace bulkhead::yolo
