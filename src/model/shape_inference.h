// SPDX-License-Identifier: Apache-2.0
// Shapes of every tensor of a graph at one input size.
//
// Operators are walked in the file's order. Small constant tensors are computed along the way, so
// that the Shape, Gather, Concat, Reshape chains of dynamic and unsimplified exports resolve.
// Shapes that depend on the picture (NonZero, NonMaxSuppression) are upper bounds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "model/onnx_graph.h"

namespace bulkhead::model {

struct InferredTensor {
  base::ElementType type = base::ElementType::kOther;
  std::vector<int64_t> dims;  // none negative; the product fits
  // The values, where they are constant and few.
  std::optional<std::vector<int64_t>> ints;
  std::optional<std::vector<float>> floats;
};

struct ShapeInference {
  // By name; initializers and constants included, tensors that could not be inferred left out.
  std::map<std::string, InferredTensor> tensors;
  // Sorted names of the operators at which inference stopped: those without a rule, or whose rule
  // refused known inputs, where value_info did not help either. What follows from their outputs is
  // missing too, but not named here.
  std::vector<std::string> unknown_operators;
};

// `inputs` name the graph's inputs with static dimensions. Never fails: a graph that makes no sense
// ends in unknown operators. Time is linear in the graph.
ShapeInference InferShapes(const OnnxGraph& graph, std::span<const base::TensorSpec> inputs);

// Bytes of a tensor; 0 for a type without a size. The product fits for every inferred tensor.
uint64_t TensorBytes(const InferredTensor& tensor);

}  // namespace bulkhead::model
