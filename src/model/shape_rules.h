// SPDX-License-Identifier: Apache-2.0
// One rule per operator: from the shapes of its inputs to those of its outputs, after the operator
// definitions of ONNX (https://onnx.ai/onnx/operators/).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/shape_inference.h"

namespace bulkhead::model {

using Dims = std::vector<int64_t>;
using Tensors = std::vector<InferredTensor>;
using RuleTable = std::map<std::string_view, std::optional<Tensors> (*)(const struct RuleCall&)>;

// Bounds beyond which a dimension, a count of elements or an attribute is taken for nonsense, so
// that the rules' own arithmetic on 64 bits cannot overflow.
inline constexpr int64_t kElementsMax = int64_t{1} << 40;
inline constexpr int64_t kAttributeMax = int64_t{1} << 20;
// Constants are followed up to this many elements.
inline constexpr std::size_t kFoldedValuesMax = 256;

// A node with what is known of its inputs. Rules return the outputs, or nullopt when the inputs do
// not fit the operator.
struct RuleCall {
  const Node& node;
  const std::vector<const InferredTensor*>& inputs;  // nullptr: left out
  int64_t opset;

  [[nodiscard]] const InferredTensor* Input(std::size_t index) const;
  // The constant integers of an input; nullptr when left out or not constant.
  [[nodiscard]] const std::vector<int64_t>* Ints(std::size_t index) const;
  [[nodiscard]] const std::vector<float>* Floats(std::size_t index) const;
  // Attributes, or the default when left out.
  [[nodiscard]] int64_t Attribute(const char* name, int64_t otherwise) const;
  [[nodiscard]] const std::vector<int64_t>* AttributeInts(const char* name) const;
  [[nodiscard]] std::string_view AttributeText(const char* name) const;
  // A list that newer opsets moved from an attribute to an input: nullptr when neither is there.
  [[nodiscard]] const std::vector<int64_t>* IntsFromEither(std::size_t input,
                                                           const char* attribute) const;
};

// Axis counted from the front; nullopt when out of range.
std::optional<std::size_t> NormalAxis(int64_t axis, std::size_t rank);

// The shape that both broadcast to.
std::optional<Dims> Broadcast(const Dims& a, const Dims& b);

// Product of dimensions that passed the bounds.
int64_t Product(const Dims& dims);

Tensors One(base::ElementType type, Dims dims);

// By group; each table holds the operators of its file.
const RuleTable& WindowRules();       // convolution, pooling, resizing
const RuleTable& ArrangementRules();  // reshape, transpose, concat, slice, ...
const RuleTable& IndexRules();        // gather, top-k, shape, range, ...
const RuleTable& ArithmeticRules();   // element-wise, reductions, products

}  // namespace bulkhead::model
