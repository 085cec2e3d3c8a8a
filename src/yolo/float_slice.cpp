// SPDX-License-Identifier: Apache-2.0
#include "yolo/float_slice.h"

#include <bit>
#include <cstring>
#include <string>

#include "base/checked_math.h"

namespace bulkhead::yolo {
namespace {

base::Error Misfit(const base::TensorView& tensor, const std::string& what) {
  return base::PublicError(base::Code::kCorrupt,
                           "the model's output " + base::FormatDims(tensor.dims) + " of " +
                               std::string(base::ElementTypeName(tensor.type)) + " " + what);
}

bool IsAligned(const std::byte* data) {
  return std::bit_cast<std::uintptr_t>(data) % alignof(float) == 0;
}

void CopyHalves(std::span<const std::byte> bytes, std::span<float> out) {
  const std::byte* from = bytes.data();
  for (std::size_t i = 0; i < out.size(); ++i) {
    uint16_t half = 0;
    std::memcpy(&half, from + i * sizeof(half), sizeof(half));
    out[i] = HalfToFloat(half);
  }
}

}  // namespace

// Without a branch, so that loops over it vectorise: the exponent and fraction are moved to their
// place in a float, whose exponent is then 112 too small; a multiplication by 2^112 corrects normal
// numbers and subnormals alike, exactly. Infinity and NaN instead need all exponent bits set.
float HalfToFloat(uint16_t half) {
  constexpr float kRebias = 0x1p112F;
  constexpr uint32_t kFloatExponent = 0x7F800000U;
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7FFFU) << 13U;
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16U;
  const uint32_t finite = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * kRebias);
  const uint32_t special = magnitude | kFloatExponent;
  return std::bit_cast<float>(((half & 0x7C00U) == 0x7C00U ? special : finite) | sign);
}

base::Result<FloatSlice> FloatSlice::Take(const base::TensorView& tensor, std::size_t picture) {
  if (tensor.type != base::ElementType::kFloat32 && tensor.type != base::ElementType::kFloat16) {
    return Misfit(tensor, "is neither float32 nor float16");
  }
  const std::size_t element_bytes = tensor.type == base::ElementType::kFloat32 ? 4 : 2;
  const auto count = base::ElementCount(tensor.dims);
  const auto bytes = count ? base::CheckedMul(*count, element_bytes) : std::nullopt;
  if (tensor.dims.size() < 2 || !bytes || *bytes != tensor.bytes.size()) {
    return Misfit(tensor, "does not hold what its shape says");
  }
  FloatSlice slice;
  for (const int64_t dim : tensor.dims) slice.dims_.push_back(static_cast<std::size_t>(dim));
  const std::size_t batch = slice.dims_.front();
  slice.dims_.erase(slice.dims_.begin());
  if (picture >= batch) return Misfit(tensor, "has no picture " + std::to_string(picture));

  const std::size_t elements = *count / batch;
  const auto part =
      tensor.bytes.subspan(picture * elements * element_bytes, elements * element_bytes);
  if (tensor.type == base::ElementType::kFloat16) {
    slice.copy_.resize(elements);
    CopyHalves(part, slice.copy_);
    slice.values_ = slice.copy_;
  } else if (!IsAligned(part.data())) {
    slice.copy_.resize(elements);
    std::memcpy(slice.copy_.data(), part.data(), part.size());
    slice.values_ = slice.copy_;
  } else {
    slice.values_ = {reinterpret_cast<const float*>(part.data()), elements};
  }
  return slice;
}

}  // namespace bulkhead::yolo
