// SPDX-License-Identifier: Apache-2.0
// The plane of mask values that an exporter's own program resamples to the picture. How fine it is
// shows in masks of a few pixels, so it is theirs exactly.
#pragma once

#include <span>

#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// float [count, height, width]; the sizes are positive and agree with `values`.
struct Prototypes {
  std::span<const float> values;
  int count = 0;
  int height = 0;
  int width = 0;
};

// What the masks of one picture have in common. The letterbox's content lies inside its input.
struct MaskFrame {
  Prototypes prototypes;
  const Letterbox& letterbox;
  int image_width = 0;
  int image_height = 0;
  HeadLayout head = HeadLayout::kAnchorFree;
};

struct MaskAxis {
  int size = 0;
  int begin = 0;    // where the picture starts
  int content = 0;  // how far it reaches, at least 1
};

struct MaskPlane {
  MaskAxis x;
  MaskAxis y;
};

// Ultralytics (process_mask_native, 8.4.190): a quarter (the prototypes' own size), a half or the
// whole of the network's input, the smallest in which padding and content are whole pixels.
// kAnchorBased, the YOLOv5 repository (process_mask_native, 7.0): always the prototypes' size, the
// padding cut to whole cells.
MaskPlane PlaneOf(const MaskFrame& frame);

}  // namespace bulkhead::yolo
