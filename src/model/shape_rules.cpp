// SPDX-License-Identifier: Apache-2.0
#include "model/shape_rules.h"

#include <algorithm>

namespace bulkhead::model {
namespace {

template <typename T>
const T* FindAttribute(const Node& node, const char* name) {
  const auto attribute = node.attributes.find(name);
  return attribute == node.attributes.end() ? nullptr : std::get_if<T>(&attribute->second);
}

}  // namespace

const InferredTensor* RuleCall::Input(std::size_t index) const {
  return index < inputs.size() ? inputs[index] : nullptr;
}

const std::vector<int64_t>* RuleCall::Ints(std::size_t index) const {
  const InferredTensor* input = Input(index);
  return input != nullptr && input->ints ? &*input->ints : nullptr;
}

const std::vector<float>* RuleCall::Floats(std::size_t index) const {
  const InferredTensor* input = Input(index);
  return input != nullptr && input->floats ? &*input->floats : nullptr;
}

int64_t RuleCall::Attribute(const char* name, int64_t otherwise) const {
  const auto* value = FindAttribute<int64_t>(node, name);
  return value != nullptr ? *value : otherwise;
}

const std::vector<int64_t>* RuleCall::AttributeInts(const char* name) const {
  return FindAttribute<std::vector<int64_t>>(node, name);
}

std::string_view RuleCall::AttributeText(const char* name) const {
  const auto* value = FindAttribute<std::string>(node, name);
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

const std::vector<int64_t>* RuleCall::IntsFromEither(std::size_t input,
                                                     const char* attribute) const {
  return Input(input) != nullptr ? Ints(input) : AttributeInts(attribute);
}

std::optional<std::size_t> NormalAxis(int64_t axis, std::size_t rank) {
  const auto size = static_cast<int64_t>(rank);
  if (axis < -size || axis >= size) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

std::optional<Dims> Broadcast(const Dims& a, const Dims& b) {
  Dims out(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) return std::nullopt;
    out[out.size() - 1 - i] = left == 1 ? right : left;
  }
  return out;
}

int64_t Product(const Dims& dims) {
  int64_t product = 1;
  for (const int64_t dim : dims) product *= dim;
  return product;
}

Tensors One(base::ElementType type, Dims dims) {
  return {InferredTensor{type, std::move(dims), std::nullopt, std::nullopt}};
}

}  // namespace bulkhead::model
