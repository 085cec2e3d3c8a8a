// SPDX-License-Identifier: Apache-2.0
#include "oracle/random_outputs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

namespace bulkhead::oracle {
namespace {

using yolo::HeadLayout;
using yolo::Task;

// Cuts a float to the ten fraction bits of binary16; what is too small becomes 0.
float CutToHalf(float value) {
  if (std::abs(value) < 0x1p-14F) return 0;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) & 0xFFFFE000U);
}

uint16_t HalfBits(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16U) & 0x8000U;
  const uint32_t exponent = (bits >> 23U) & 0xFFU;
  if (exponent == 0) return static_cast<uint16_t>(sign);
  return static_cast<uint16_t>(sign | (exponent - 112U) << 10U | ((bits >> 13U) & 0x3FFU));
}

struct RandomRow {
  float box[4] = {};  // cx,cy,w,h
  std::vector<float> extras;
};

int ExtrasOf(const yolo::ModelSpec& spec) {
  if (spec.task == Task::kObb) return 1;
  if (spec.task == Task::kPose) return spec.keypoints.count * spec.keypoints.dims;
  return spec.mask_coefficients;
}

RandomRow RollRow(const yolo::ModelSpec& spec, const yolo::Letterbox& letterbox, Dice& dice) {
  constexpr int kClusters = 5;
  const float fraction = static_cast<float>(dice.Below(kClusters)) / kClusters;
  const auto width = static_cast<float>(letterbox.input_width);
  const auto height = static_cast<float>(letterbox.input_height);
  RandomRow row;
  row.box[0] = width * fraction + dice.Uniform(-4, 16);
  row.box[1] = height * (1 - fraction) + dice.Uniform(-16, 4);
  row.box[2] = dice.Uniform(24, 48);
  row.box[3] = dice.Uniform(12, 40);
  for (int e = 0; e < ExtrasOf(spec); ++e) {
    const bool pose = spec.task == Task::kPose;
    row.extras.push_back(pose ? dice.Uniform(-10, width) : dice.Uniform(-0.75F, 2));
  }
  return row;
}

std::vector<float> FlatRow(const yolo::ModelSpec& spec, const RandomRow& row, Dice& dice) {
  std::vector<float> values(row.box, row.box + 4);
  const auto classes = static_cast<int>(spec.class_names.size());
  if (spec.head == HeadLayout::kEndToEnd) {
    if (spec.task != Task::kObb) {
      values = {row.box[0] - row.box[2] / 2, row.box[1] - row.box[3] / 2,
                row.box[0] + row.box[2] / 2, row.box[1] + row.box[3] / 2};
    }
    values.push_back(dice.Uniform(0, 1));
    values.push_back(static_cast<float>(dice.Below(classes)));
  } else {
    if (spec.head == HeadLayout::kAnchorBased) values.push_back(dice.Uniform(0, 1));
    for (int c = 0; c < classes; ++c) values.push_back(std::pow(dice.Uniform(0, 1), 3.0F));
  }
  values.insert(values.end(), row.extras.begin(), row.extras.end());
  return values;
}

Output Pack(const std::vector<std::vector<float>>& rows, bool channels_first) {
  const std::size_t columns = rows.front().size();
  Output output;
  output.values.resize(rows.size() * columns);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      output.values[channels_first ? c * rows.size() + r : r * columns + c] = CutToHalf(rows[r][c]);
    }
  }
  output.dims = {static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns)};
  if (channels_first) std::swap(output.dims[0], output.dims[1]);
  return output;
}

// Waves, so that masks are blobs with smooth edges.
Output RollPrototypes(const yolo::ModelSpec& spec, const yolo::Letterbox& letterbox, Dice& dice) {
  const int height = letterbox.input_height / 4;
  const int width = letterbox.input_width / 4;
  Output output;
  output.dims = {spec.mask_coefficients, height, width};
  for (int k = 0; k < spec.mask_coefficients; ++k) {
    const float along = dice.Uniform(-0.5F, 0.5F);
    const float down = dice.Uniform(-0.5F, 0.5F);
    const float phase = dice.Uniform(0, 6);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        output.values.push_back(CutToHalf(
            std::sin(along * static_cast<float>(x) + down * static_cast<float>(y) + phase)));
      }
    }
  }
  return output;
}

template <typename Element, typename Convert>
Tensor Concatenate(const std::vector<Output>& batch, base::ElementType type, Convert convert) {
  Tensor tensor;
  tensor.type = type;
  tensor.dims = batch.front().dims;
  tensor.dims.insert(tensor.dims.begin(), static_cast<int64_t>(batch.size()));
  for (const Output& output : batch) {
    for (const float value : output.values) {
      const Element element = convert(value);
      const auto* bytes = reinterpret_cast<const std::byte*>(&element);
      tensor.bytes.insert(tensor.bytes.end(), bytes, bytes + sizeof(element));
    }
  }
  return tensor;
}

}  // namespace

float Dice::Uniform(float low, float high) {
  const double unit = static_cast<double>(engine_()) / 4294967296.0;
  return static_cast<float>(low + (high - low) * unit);
}

int Dice::Below(int count) { return static_cast<int>(engine_() % static_cast<uint32_t>(count)); }

yolo::Letterbox CentredLetterbox(int input_width, int input_height, Picture picture) {
  yolo::Letterbox letterbox;
  letterbox.input_width = input_width;
  letterbox.input_height = input_height;
  letterbox.gain = std::min(static_cast<double>(input_width) / picture.width,
                            static_cast<double>(input_height) / picture.height);
  letterbox.content_width = static_cast<int>(std::lround(picture.width * letterbox.gain));
  letterbox.content_height = static_cast<int>(std::lround(picture.height * letterbox.gain));
  letterbox.pad_left = (input_width - letterbox.content_width) / 2;
  letterbox.pad_top = (input_height - letterbox.content_height) / 2;
  return letterbox;
}

yolo::ModelSpec SpecOf(Task task, HeadLayout head, int classes) {
  yolo::ModelSpec spec;
  spec.task = task;
  spec.head = head;
  for (int c = 0; c < classes; ++c) spec.class_names.push_back("class" + std::to_string(c));
  if (task == Task::kSegment) spec.mask_coefficients = 4;
  if (task == Task::kPose) spec.keypoints = {.count = 5, .dims = 3};
  return spec;
}

Scene RandomScene(Task task, HeadLayout head, uint32_t seed) {
  Dice dice(seed);
  Scene scene;
  scene.spec = SpecOf(task, head, 1 + dice.Below(6));
  if (task == Task::kPose) scene.spec.keypoints.dims = 2 + dice.Below(2);
  scene.picture = {40 + dice.Below(200), 40 + dice.Below(200)};
  scene.letterbox = CentredLetterbox(128, 96, scene.picture);
  std::vector<std::vector<float>> rows;
  // The twin draws every mask at full size.
  const int count = 1 + dice.Below(task == Task::kSegment ? 40 : 400);
  for (int i = 0; i < count; ++i) {
    const RandomRow row = RollRow(scene.spec, scene.letterbox, dice);
    rows.push_back(FlatRow(scene.spec, row, dice));
  }
  scene.rows = Pack(rows, head == HeadLayout::kAnchorFree);
  if (task == Task::kSegment) {
    scene.prototypes = RollPrototypes(scene.spec, scene.letterbox, dice);
  }
  return scene;
}

Tensor FloatTensor(const std::vector<Output>& batch) {
  return Concatenate<float>(batch, base::ElementType::kFloat32, [](float v) { return v; });
}

Tensor HalfTensor(const std::vector<Output>& batch) {
  return Concatenate<uint16_t>(batch, base::ElementType::kFloat16, HalfBits);
}

}  // namespace bulkhead::oracle
