// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"
#include "image/rows.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::worker {

// The input of one run of a network, filled picture by picture. Its memory is kept for the next.
class InputTensor {
 public:
  // Makes room for pictures whose letterbox has this one's input size: for `pictures` of them, or
  // for as many as 1 GiB holds, or for one when the model's batch is fixed (the places after it
  // are zero then). Nothing is filled. kExhausted: 1 GiB does not hold a single run.
  base::Status Reshape(const yolo::ModelSpec& spec, const yolo::Letterbox& letterbox,
                       std::size_t pictures);

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // Whether this letterbox's picture fits the current shape.
  [[nodiscard]] bool Fits(const yolo::Letterbox& letterbox) const {
    return letterbox.input_height == dims_[2] && letterbox.input_width == dims_[3];
  }

  // Fills the place `index`, below capacity(). Errors are those of image::Rows::Finish; the place
  // may be filled again.
  base::Status Fill(std::size_t index, image::Rows& picture, const yolo::Letterbox& letterbox,
                    const yolo::ModelSpec& spec);

  // The first so many pictures, at least 1. Valid until the next Reshape.
  [[nodiscard]] base::TensorView View(std::size_t pictures) const;

 private:
  std::vector<std::byte> bytes_;
  base::ElementType type_ = base::ElementType::kFloat32;
  std::vector<int64_t> dims_{0, 3, 0, 0};  // of one run that takes a single picture
  std::size_t run_bytes_ = 0;              // of that
  std::size_t capacity_ = 0;
};

}  // namespace bulkhead::worker
