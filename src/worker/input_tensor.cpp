// SPDX-License-Identifier: Apache-2.0
#include "worker/input_tensor.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/check.h"
#include "base/checked_math.h"

namespace bulkhead::worker {
namespace {

// Metadata may name any input size, and the tensor is allocated from it: 1 GiB holds 64 pictures at
// 1024 x 1024 or one at 9400 x 9400, and keeps a lie in a file from taking the machine's memory.
constexpr std::size_t kTensorBytesMax = std::size_t{1} << 30;

// Bytes as elements. operator new aligns for any fundamental type, and so does every place.
template <typename T>
std::span<T> Elements(std::span<std::byte> bytes) {
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace

base::Status InputTensor::Reshape(const yolo::ModelSpec& spec, const yolo::Letterbox& letterbox,
                                  std::size_t pictures) {
  const std::vector<int64_t> dims{spec.input.batch.value_or(1), 3, letterbox.input_height,
                                  letterbox.input_width};
  const auto count = base::ElementCount(dims);
  const auto element_bytes = base::ElementBytes(spec.input.type);
  const auto run_bytes = count && element_bytes ? base::CheckedMul(*count, *element_bytes)
                                                : std::optional<std::size_t>();
  if (!run_bytes || *run_bytes > kTensorBytesMax) {
    return base::PublicError(base::Code::kExhausted,
                             "the model's input of " + base::FormatDims(dims) +
                                 " is over the limit of 1 GiB; give a smaller --imgsz");
  }
  // Nothing fills the places after the first of a fixed batch.
  if (dims != dims_ && dims[0] > 1) std::ranges::fill(bytes_, std::byte{0});
  type_ = spec.input.type;
  dims_ = dims;
  run_bytes_ = *run_bytes;
  capacity_ =
      spec.input.batch ? 1 : std::clamp<std::size_t>(kTensorBytesMax / run_bytes_, 1, pictures);
  // It only grows: elements that are made again would be zeroed again.
  if (bytes_.size() < capacity_ * run_bytes_) bytes_.resize(capacity_ * run_bytes_);
  return base::Ok();
}

base::Status InputTensor::Fill(std::size_t index, image::Rows& picture,
                               const yolo::Letterbox& letterbox, const yolo::ModelSpec& spec) {
  BH_CHECK(index < capacity_ && Fits(letterbox));
  const std::size_t picture_bytes = run_bytes_ / static_cast<std::size_t>(dims_[0]);
  const auto place = std::span(bytes_).subspan(index * picture_bytes, picture_bytes);
  if (type_ == base::ElementType::kFloat16) {
    return yolo::FillInputHalf(picture, letterbox, spec, Elements<uint16_t>(place));
  }
  return yolo::FillInput(picture, letterbox, spec, Elements<float>(place));
}

base::TensorView InputTensor::View(std::size_t pictures) const {
  BH_CHECK(pictures >= 1 && pictures <= capacity_);
  std::vector<int64_t> dims = dims_;
  dims[0] *= static_cast<int64_t>(pictures);
  return {type_, std::move(dims), std::span(bytes_).first(pictures * run_bytes_)};
}

}  // namespace bulkhead::worker
