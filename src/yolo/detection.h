// SPDX-License-Identifier: Apache-2.0
// Results in pixels of the original image: x right, y down, origin at the top left corner.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace bulkhead::yolo {

struct Box {
  float x1 = 0;
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
};

// angle in radians, clockwise from the x axis to the side named width.
struct RotatedBox {
  float cx = 0;
  float cy = 0;
  float width = 0;
  float height = 0;
  float angle = 0;
};

struct Keypoint {
  float x = 0;
  float y = 0;
  float visibility = 1;  // 1 where the model has no visibility
};

// A binary mask: uint8 [height, width], 1 = object, whose top left pixel is (x, y) of the image.
struct Mask {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  std::vector<uint8_t> bits;
};

struct Detection {
  int class_index = 0;
  float score = 0;
  Box box;                            // obb: the upright box around `rotated`
  std::optional<RotatedBox> rotated;  // obb
  std::optional<Mask> mask;           // segment
  std::vector<Keypoint> keypoints;    // pose
};

struct ClassScore {
  int class_index = 0;
  float score = 0;
};

// Detections by falling score, or for classification every class by falling score.
struct ImageResult {
  int image_width = 0;
  int image_height = 0;
  std::vector<Detection> detections;
  std::vector<ClassScore> classes;
};

// Defaults are the exporter's own for prediction.
struct DetectOptions {
  float confidence_min = 0.25F;  // kept when score > confidence_min
  float iou_max = 0.7F;          // suppressed when overlap > iou_max
  int detections_max = 300;
  std::vector<int> classes = {};  // empty: all
  bool class_agnostic = false;
};

}  // namespace bulkhead::yolo
