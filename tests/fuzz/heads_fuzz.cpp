// SPDX-License-Identifier: Apache-2.0
// Any spec, any outputs, any options: DecodeOutputs answers with an error or with a result whose
// every number is finite and inside its contract.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "yolo/heads.h"

namespace bulkhead {
namespace {

class Bytes {
 public:
  Bytes(const uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  uint8_t Next() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  int Below(int count) { return Next() % count; }
  std::size_t size() const { return size_; }

 private:
  const uint8_t* data_;
  std::size_t size_;
};

// A byte picks a telling value, or begins the bits of any float.
float AnyFloat(Bytes& bytes) {
  constexpr float kTelling[] = {0.0F,
                                0.3F,
                                0.9F,
                                1.0F,
                                2.0F,
                                20.0F,
                                -1.0F,
                                -50.0F,
                                64.0F,
                                0.5F,
                                1e-30F,
                                std::numeric_limits<float>::max(),
                                -std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN(),
                                0.25F};
  const uint8_t pick = bytes.Next();
  if (pick < 0xC0) return kTelling[pick % std::size(kTelling)] * (pick < 0x80 ? 1.0F : 0.75F);
  uint32_t bits = pick;
  for (int i = 0; i < 3; ++i) bits = bits << 8U | bytes.Next();
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

struct AnyTensor {
  base::TensorView view;
  std::vector<std::byte> storage;
};

AnyTensor MakeTensor(Bytes& bytes, std::vector<int64_t> dims) {
  AnyTensor tensor;
  if (bytes.Below(16) == 0) dims.push_back(static_cast<int8_t>(bytes.Next()));
  if (bytes.Below(16) == 0) dims[0] = static_cast<int8_t>(bytes.Next());
  const bool half = bytes.Below(4) == 0;
  tensor.view.type = half ? base::ElementType::kFloat16 : base::ElementType::kFloat32;
  if (bytes.Below(32) == 0) tensor.view.type = static_cast<base::ElementType>(bytes.Below(14));
  std::size_t count = bytes.Below(32) == 0 ? 1 : 0;
  std::size_t product = 1;
  for (const int64_t dim : dims) product *= dim > 0 ? static_cast<std::size_t>(dim) : 0;
  count += std::min<std::size_t>(product, 1U << 16U);
  const std::size_t offset = static_cast<std::size_t>(bytes.Below(4) == 0 ? bytes.Below(4) : 0);
  const std::size_t element = half ? 2 : 4;
  tensor.storage.resize(offset + count * element);
  std::vector<float> pattern(1 + static_cast<std::size_t>(bytes.Below(61)));
  for (float& value : pattern) value = AnyFloat(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const float value = bytes.size() > 64 ? AnyFloat(bytes) : pattern[i % pattern.size()];
    std::memcpy(tensor.storage.data() + offset + i * element, &value, element);
  }
  tensor.view.dims = std::move(dims);
  tensor.view.bytes = std::span<const std::byte>(tensor.storage).subspan(offset);
  return tensor;
}

yolo::ModelSpec AnySpec(Bytes& bytes) {
  yolo::ModelSpec spec;
  spec.task = static_cast<yolo::Task>(bytes.Below(5));
  spec.head = static_cast<yolo::HeadLayout>(bytes.Below(4));
  spec.class_names.resize(static_cast<std::size_t>(bytes.Below(5)));
  spec.keypoints = {bytes.Below(4), bytes.Below(5)};
  spec.mask_coefficients = bytes.Below(4);
  spec.imagenet_normalisation = bytes.Below(2) == 1;
  return spec;
}

int64_t Columns(const yolo::ModelSpec& spec) {
  int64_t extras = 0;
  if (spec.task == yolo::Task::kObb) extras = 1;
  if (spec.task == yolo::Task::kPose) extras = spec.keypoints.count * spec.keypoints.dims;
  if (spec.task == yolo::Task::kSegment) extras = spec.mask_coefficients;
  const auto classes = static_cast<int64_t>(spec.class_names.size());
  if (spec.head == yolo::HeadLayout::kEndToEnd) return 6 + extras;
  return (spec.head == yolo::HeadLayout::kAnchorBased ? 5 : 4) + classes + extras;
}

std::vector<int64_t> RowDims(const yolo::ModelSpec& spec, int64_t batch, int64_t rows) {
  if (spec.task == yolo::Task::kClassify) {
    return {batch, static_cast<int64_t>(spec.class_names.size())};
  }
  if (spec.head == yolo::HeadLayout::kAnchorFree) return {batch, Columns(spec), rows};
  return {batch, rows, Columns(spec)};
}

yolo::Letterbox AnyLetterbox(Bytes& bytes) {
  yolo::Letterbox letterbox;
  letterbox.content_width = 1 + bytes.Below(80);
  letterbox.content_height = 1 + bytes.Below(80);
  letterbox.pad_left = bytes.Below(20);
  letterbox.pad_top = bytes.Below(20);
  letterbox.input_width = letterbox.pad_left + letterbox.content_width + bytes.Below(20);
  letterbox.input_height = letterbox.pad_top + letterbox.content_height + bytes.Below(20);
  return letterbox;
}

void CheckMask(const yolo::Mask& mask, const yolo::ImageResult& result) {
  BH_CHECK(mask.x >= 0 && mask.y >= 0 && mask.width >= 0 && mask.height >= 0);
  BH_CHECK(mask.x + mask.width <= result.image_width);
  BH_CHECK(mask.y + mask.height <= result.image_height);
  BH_CHECK(mask.bits.size() == static_cast<std::size_t>(mask.width * mask.height));
  for (const uint8_t bit : mask.bits) BH_CHECK(bit <= 1);
}

bool Inside(float value, int size) { return value >= 0 && value <= static_cast<float>(size); }

void CheckResult(const yolo::ImageResult& result, const yolo::ModelSpec& spec,
                 const yolo::DetectOptions& options) {
  const int classes = static_cast<int>(spec.class_names.size());
  BH_CHECK(result.detections.size() <= static_cast<std::size_t>(options.detections_max));
  float last = std::numeric_limits<float>::infinity();
  for (const yolo::Detection& d : result.detections) {
    BH_CHECK(std::isfinite(d.score) && d.score > options.confidence_min && d.score <= last);
    last = d.score;
    BH_CHECK(d.class_index >= 0 && d.class_index < classes);
    for (const float x : {d.box.x1, d.box.x2}) {
      BH_CHECK(d.rotated ? std::isfinite(x) : Inside(x, result.image_width));
    }
    for (const float y : {d.box.y1, d.box.y2}) {
      BH_CHECK(d.rotated ? std::isfinite(y) : Inside(y, result.image_height));
    }
    for (const yolo::Keypoint& point : d.keypoints) {
      BH_CHECK(Inside(point.x, result.image_width) && Inside(point.y, result.image_height));
      BH_CHECK(std::isfinite(point.visibility));
    }
    BH_CHECK(d.mask.has_value() == (spec.task == yolo::Task::kSegment));
    if (d.mask) CheckMask(*d.mask, result);
  }
  for (const yolo::ClassScore& score : result.classes) {
    BH_CHECK(std::isfinite(score.score) && score.class_index >= 0 && score.class_index < classes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const yolo::ModelSpec spec = AnySpec(bytes);
  const yolo::Letterbox letterbox = AnyLetterbox(bytes);
  const int width = 1 + bytes.Below(100);
  const int height = 1 + bytes.Below(100);
  yolo::DetectOptions options;
  if (bytes.Below(2) == 1) {
    options.confidence_min = AnyFloat(bytes);
    options.iou_max = AnyFloat(bytes);
    options.detections_max = static_cast<int8_t>(bytes.Next());
    options.class_agnostic = bytes.Below(2) == 1;
    for (int i = bytes.Below(3); i > 0; --i) options.classes.push_back(bytes.Below(6) - 1);
  }
  const int64_t batch = 1 + bytes.Below(2);
  const auto picture = static_cast<std::size_t>(bytes.Below(3));
  const int64_t rows = bytes.Below(40);
  const int64_t mask_height = bytes.Below(24);
  const int64_t mask_width = bytes.Below(24);
  const AnyTensor prototypes =
      MakeTensor(bytes, {batch, spec.mask_coefficients, mask_height, mask_width});
  const AnyTensor output = MakeTensor(bytes, RowDims(spec, batch, rows));
  const base::TensorView views[] = {output.view, prototypes.view};
  const auto result = yolo::DecodeOutputs(spec, views, picture, letterbox, width, height, options);
  if (result.ok()) CheckResult(result.value(), spec, options);
  return 0;
}

}  // namespace bulkhead
