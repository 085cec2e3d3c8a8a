// SPDX-License-Identifier: Apache-2.0
// Picture to network input: resize, pad, planar, scale in one pass.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "image/rows.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// Where a picture lies inside the network's input. Result boxes go back through it.
struct Letterbox {
  int input_width = 0;  // of the tensor
  int input_height = 0;
  int content_width = 0;  // of the resized picture inside it
  int content_height = 0;
  int pad_left = 0;
  int pad_top = 0;
  // Content pixels per picture pixel before the content was rounded to whole pixels; along an axis
  // the exact ratio is content / picture.
  double gain = 1;
};

// The exporter's letterbox: centred, upscaling allowed, and for a model with dynamic height and
// width the smallest rectangle that is a multiple of the stride (where only one of them is dynamic,
// along that one). For classification: the shorter side resized to the input, then a centre crop
// (pads are then zero or negative); an input that is not square is stretched to.
// image_width and image_height must be positive. Source: the ultralytics package's LetterBox and
// classify_transforms, release 8.4.190.
Letterbox PlanLetterbox(int image_width, int image_height, const ModelSpec& spec);

// Fills one picture's part of the input tensor: float32 [3, input_height, input_width], RGB, 0..1,
// pad value 114/255, bilinear on uint8 with OpenCV's INTER_LINEAR rounding (classification:
// Pillow's antialiased bilinear, then mean and deviation where the model wants them). `tensor` must
// have exactly 3 * input_height * input_width elements; all of them are written. The picture must
// not be empty, none of its rows have been asked for, and `letterbox` must be its plan. Its rows
// are read to the end. Thread-safe.
//
// Errors are those of image::Rows::Finish; the tensor is worthless after one.
base::Status FillInput(image::Rows& picture, const Letterbox& letterbox, const ModelSpec& spec,
                       std::span<float> tensor);

// The same as IEEE 754 binary16, rounded to nearest even.
base::Status FillInputHalf(image::Rows& picture, const Letterbox& letterbox, const ModelSpec& spec,
                           std::span<uint16_t> tensor);

}  // namespace bulkhead::yolo
