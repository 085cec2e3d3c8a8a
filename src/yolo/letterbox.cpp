// SPDX-License-Identifier: Apache-2.0
// Fills the network's input from a picture and a plan. The resized content goes straight to its
// place in the tensor and the pads are written around it, so each element is written exactly once
// and none depends on what the buffer held before.
#include "yolo/letterbox.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include "base/check.h"
#include "yolo/canvas.h"
#include "yolo/half.h"
#include "yolo/resize_antialias.h"
#include "yolo/resize_bilinear.h"

namespace bulkhead::yolo {
namespace {

constexpr std::size_t kChannels = image::Rows::kChannels;
constexpr int kPadValue = 114;  // the gray that the exporter trains and predicts with

// torchvision's constants for networks trained on ImageNet, R, G, B.
constexpr std::array<float, 3> kImageNetMean = {0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> kImageNetDeviation = {0.229F, 0.224F, 0.225F};

template <typename Sample>
Sample ToSample(float value) {
  if constexpr (std::is_same_v<Sample, float>) {
    return value;
  } else {
    return HalfFromFloat(value);
  }
}

template <typename Sample>
void FillPads(const Letterbox& letterbox, const Canvas<Sample>& canvas) {
  const auto pad = ToSample<Sample>(kPadValue / 255.0F);
  const int bottom = letterbox.pad_top + letterbox.content_height;
  const int right = letterbox.pad_left + letterbox.content_width;
  for (std::size_t c = 0; c < kChannels; ++c) {
    std::fill(canvas.Row(c, 0), canvas.Row(c, letterbox.pad_top), pad);
    for (int y = letterbox.pad_top; y < bottom; ++y) {
      Sample* row = canvas.Row(c, y);
      std::fill(row, row + letterbox.pad_left, pad);
      std::fill(row + right, row + canvas.width, pad);
    }
    std::fill(canvas.Row(c, bottom), canvas.Row(c, canvas.height), pad);
  }
}

template <typename Sample>
void FillPadded(image::Rows& picture, const Letterbox& letterbox, const Canvas<Sample>& canvas) {
  BH_CHECK(letterbox.pad_left >= 0 && letterbox.pad_top >= 0);
  BH_CHECK(letterbox.content_width <= canvas.width - letterbox.pad_left);
  BH_CHECK(letterbox.content_height <= canvas.height - letterbox.pad_top);
  FillPads(letterbox, canvas);
  ResizeBilinear(picture, canvas.Window(letterbox.pad_left, letterbox.pad_top,
                                        letterbox.content_width, letterbox.content_height));
}

template <typename Sample>
ValueTable<Sample> NormalisedValues(bool imagenet) {
  ValueTable<Sample> table;
  for (std::size_t c = 0; c < table.size(); ++c) {
    for (std::size_t value = 0; value < table[c].size(); ++value) {
      const float unit = static_cast<float>(value) / 255.0F;
      const float normalised = (unit - kImageNetMean[c]) / kImageNetDeviation[c];
      table[c][value] = ToSample<Sample>(imagenet ? normalised : unit);
    }
  }
  return table;
}

template <typename Sample>
base::Status Fill(image::Rows& picture, const Letterbox& letterbox, const ModelSpec& spec,
                  std::span<Sample> tensor) {
  BH_CHECK(picture.width() > 0 && picture.height() > 0);
  BH_CHECK(letterbox.input_width > 0 && letterbox.input_height > 0);
  const auto row = static_cast<std::size_t>(letterbox.input_width);
  const std::size_t plane = row * static_cast<std::size_t>(letterbox.input_height);
  BH_CHECK(tensor.size() == kChannels * plane);
  const Canvas<Sample> canvas = {.data = tensor.data(),
                                 .plane_stride = plane,
                                 .row_stride = row,
                                 .width = letterbox.input_width,
                                 .height = letterbox.input_height};
  if (spec.task != Task::kClassify) {
    FillPadded(picture, letterbox, canvas);
    return picture.Finish();
  }
  const Crop crop = {.content_width = letterbox.content_width,
                     .content_height = letterbox.content_height,
                     .x = -letterbox.pad_left,
                     .y = -letterbox.pad_top};
  ResizeAntialiased(picture, crop, NormalisedValues<Sample>(spec.imagenet_normalisation), canvas);
  return picture.Finish();
}

}  // namespace

base::Status FillInput(image::Rows& picture, const Letterbox& letterbox, const ModelSpec& spec,
                       std::span<float> tensor) {
  return Fill(picture, letterbox, spec, tensor);
}

base::Status FillInputHalf(image::Rows& picture, const Letterbox& letterbox, const ModelSpec& spec,
                           std::span<uint16_t> tensor) {
  return Fill(picture, letterbox, spec, tensor);
}

}  // namespace bulkhead::yolo
