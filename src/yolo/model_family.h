// SPDX-License-Identifier: Apache-2.0
// Family and size of a model by the name its exporter gave it.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::yolo {

// Both empty when the text names no YOLO version.
struct ModelFamily {
  std::string family;  // "YOLOv8", "YOLO11", ...: with a v up to version 10, as published
  std::string size;    // one of n s m l x, for v9 also t c e, for v10 also b; or empty
  bool anchor_free_suffix = false;  // the u of YOLOv5u
};

// Reads "Ultralytics YOLO11n-seg model trained on coco.yaml", "yolov5nu", "YOLOv8x6", ...: the
// first "yolo" (any case) that a version follows.
ModelFamily ParseModelFamily(std::string_view description);

}  // namespace bulkhead::yolo
