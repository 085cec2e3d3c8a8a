// SPDX-License-Identifier: Apache-2.0
// Network outputs as floats, whatever their element type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::yolo {

// The value of an IEEE 754 binary16 bit pattern; every one of them is exactly a float. NaN stays
// NaN and infinity stays infinity.
float HalfToFloat(uint16_t half);

// One picture's part of an output, without the batch dimension. Float32 is looked at where it lies
// (the tensor must outlive the slice); float16 and unaligned bytes are copied. Moves only.
class FloatSlice {
 public:
  // kCorrupt: not float32 or float16, fewer than two dimensions, a variable dimension, a byte count
  // that does not fit the shape, or no such picture in the batch.
  static base::Result<FloatSlice> Take(const base::TensorView& tensor, std::size_t picture);

  FloatSlice(FloatSlice&&) = default;
  FloatSlice& operator=(FloatSlice&&) = default;
  FloatSlice(const FloatSlice&) = delete;
  FloatSlice& operator=(const FloatSlice&) = delete;
  ~FloatSlice() = default;

  [[nodiscard]] std::size_t rank() const { return dims_.size(); }
  [[nodiscard]] std::size_t dim(std::size_t index) const { return dims_[index]; }
  [[nodiscard]] std::span<const float> values() const { return values_; }

 private:
  FloatSlice() = default;

  std::vector<std::size_t> dims_;
  std::vector<float> copy_;
  std::span<const float> values_;
};

}  // namespace bulkhead::yolo
