// SPDX-License-Identifier: Apache-2.0
// Seeded random network outputs for every task and head layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/tensor.h"
#include "oracle/heads_oracle.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::oracle {

// The same numbers for a seed on every platform.
class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  float Uniform(float low, float high);
  int Below(int count);

 private:
  std::mt19937 engine_;
};

struct Scene {
  yolo::ModelSpec spec;
  Output rows;
  Output prototypes;
  yolo::Letterbox letterbox;
  Picture picture;
};

// A centred letterbox; sizes rounded to whole pixels.
yolo::Letterbox CentredLetterbox(int input_width, int input_height, Picture picture);

// A model of `classes` classes; four mask coefficients or five keypoints where the task has any.
yolo::ModelSpec SpecOf(yolo::Task task, yolo::HeadLayout head, int classes);

// Boxes lie in clusters, so that suppression has work. All values are binary16 numbers.
Scene RandomScene(yolo::Task task, yolo::HeadLayout head, uint32_t seed);

// Owned bytes of a batch tensor.
struct Tensor {
  base::ElementType type = base::ElementType::kFloat32;
  std::vector<int64_t> dims;
  std::vector<std::byte> bytes;

  [[nodiscard]] base::TensorView View() const { return {type, dims, bytes}; }
};

Tensor FloatTensor(const std::vector<Output>& batch);
// Values must be binary16 numbers.
Tensor HalfTensor(const std::vector<Output>& batch);

}  // namespace bulkhead::oracle
