// SPDX-License-Identifier: Apache-2.0
// Operators that select by index, and those that turn shapes into values and back.
#include <algorithm>
#include <cmath>

#include "base/checked_math.h"
#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

using base::ElementType;

std::optional<Tensors> Gather(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* indices = call.Input(1);
  if (input == nullptr || indices == nullptr) return std::nullopt;
  const auto axis = NormalAxis(call.Attribute("axis", 0), input->dims.size());
  if (!axis) return std::nullopt;
  const auto at = input->dims.begin() + static_cast<std::ptrdiff_t>(*axis);
  InferredTensor out{input->type, Dims(input->dims.begin(), at), std::nullopt, std::nullopt};
  out.dims.insert(out.dims.end(), indices->dims.begin(), indices->dims.end());
  out.dims.insert(out.dims.end(), at + 1, input->dims.end());
  if (!input->ints || !indices->ints || input->dims.size() != 1) return Tensors{std::move(out)};
  out.ints.emplace();
  for (const int64_t index : *indices->ints) {
    const auto from = NormalAxis(index, input->ints->size());
    if (!from) return std::nullopt;
    out.ints->push_back((*input->ints)[*from]);
  }
  return Tensors{std::move(out)};
}

std::optional<Tensors> GatherElements(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* indices = call.Input(1);
  if (input == nullptr || indices == nullptr || input->dims.size() != indices->dims.size()) {
    return std::nullopt;
  }
  return One(input->type, indices->dims);
}

std::optional<Tensors> GatherNd(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* indices = call.Input(1);
  if (input == nullptr || indices == nullptr || indices->dims.empty()) return std::nullopt;
  const int64_t batch = call.Attribute("batch_dims", 0);
  const auto rank = static_cast<int64_t>(input->dims.size());
  const int64_t tuple = indices->dims.back();
  if (batch < 0 || tuple < 1 || tuple > rank || batch > rank - tuple) return std::nullopt;
  Dims dims(indices->dims.begin(), indices->dims.end() - 1);
  dims.insert(dims.end(), input->dims.begin() + batch + tuple, input->dims.end());
  return One(input->type, std::move(dims));
}

std::optional<Tensors> TopK(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto axis = NormalAxis(call.Attribute("axis", -1), input->dims.size());
  const auto* count = call.Ints(1);
  if (!axis || (call.Input(1) != nullptr && (count == nullptr || count->size() != 1))) {
    return std::nullopt;
  }
  Dims dims = input->dims;
  dims[*axis] = count != nullptr ? count->front() : call.Attribute("k", -1);
  if (dims[*axis] > input->dims[*axis]) return std::nullopt;
  Tensors out = One(input->type, dims);
  out.push_back({ElementType::kInt64, std::move(dims), {}, {}});
  return out;
}

std::optional<Tensors> ArgMax(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto axis = NormalAxis(call.Attribute("axis", 0), input->dims.size());
  if (!axis) return std::nullopt;
  Dims dims = input->dims;
  if (call.Attribute("keepdims", 1) != 0) {
    dims[*axis] = 1;
  } else {
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  }
  return One(ElementType::kInt64, std::move(dims));
}

// Upper bound: every element may be non-zero.
std::optional<Tensors> NonZero(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto rank = static_cast<int64_t>(std::max<std::size_t>(input->dims.size(), 1));
  return One(ElementType::kInt64, {rank, Product(input->dims)});
}

// Upper bound: max_output_boxes_per_class of every class of every picture, or every box. Inputs are
// boxes [N, boxes, 4], scores [N, classes, boxes] and that number; without it nothing is kept.
std::optional<Tensors> NonMaxSuppression(const RuleCall& call) {
  const InferredTensor* scores = call.Input(1);
  if (scores == nullptr || scores->dims.size() != 3) return std::nullopt;
  int64_t per_class = 0;
  if (call.Input(2) != nullptr) {
    const auto* given = call.Ints(2);
    per_class = given != nullptr && given->size() == 1
                    ? std::clamp<int64_t>(given->front(), 0, scores->dims[2])
                    : scores->dims[2];
  }
  return One(ElementType::kInt64, {Product({scores->dims[0], scores->dims[1], per_class}), 3});
}

std::optional<Tensors> Shape(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto rank = static_cast<int64_t>(input->dims.size());
  const auto clamp = [rank](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
  };
  const int64_t start = clamp(call.Attribute("start", 0));
  const int64_t end = std::max(start, clamp(call.Attribute("end", rank)));
  Dims values(input->dims.begin() + start, input->dims.begin() + end);
  InferredTensor out{ElementType::kInt64, {end - start}, std::move(values), std::nullopt};
  return Tensors{std::move(out)};
}

std::optional<Tensors> Size(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  InferredTensor out{ElementType::kInt64, {}, Dims{Product(input->dims)}, std::nullopt};
  return Tensors{std::move(out)};
}

std::optional<Tensors> ConstantOfShape(const RuleCall& call) {
  const auto* shape = call.Ints(0);
  if (shape == nullptr || shape->size() > kRankMax) return std::nullopt;
  const auto count = base::ElementCount(*shape);
  if (!count) return std::nullopt;
  InferredTensor out{ElementType::kFloat32, *shape, std::nullopt, std::nullopt};
  const auto given = call.node.attributes.find("value");
  const auto* value =
      given != call.node.attributes.end() ? std::get_if<Constant>(&given->second) : nullptr;
  if (value != nullptr) out.type = value->spec.type;
  if (value != nullptr && value->int_values.size() == 1 && *count <= kFoldedValuesMax) {
    out.ints.emplace(*count, value->int_values.front());
  }
  return Tensors{std::move(out)};
}

// The elements of [start, limit) by delta; the sequence itself is not needed for shapes, except
// where it is short.
std::optional<Tensors> Range(const RuleCall& call) {
  const InferredTensor* start = call.Input(0);
  if (start == nullptr) return std::nullopt;
  double bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const auto* ints = call.Ints(i);
    const auto* floats = call.Floats(i);
    if (ints != nullptr && ints->size() == 1) {
      bounds[i] = static_cast<double>(ints->front());
    } else if (floats != nullptr && floats->size() == 1) {
      bounds[i] = static_cast<double>(floats->front());
    } else {
      return std::nullopt;
    }
  }
  const double count = std::max(0.0, std::ceil((bounds[1] - bounds[0]) / bounds[2]));
  if (!(count <= static_cast<double>(kElementsMax))) return std::nullopt;
  InferredTensor out{start->type, {static_cast<int64_t>(count)}, std::nullopt, std::nullopt};
  const auto* first = call.Ints(0);
  const auto* step = call.Ints(2);
  if (first != nullptr && step != nullptr && count <= static_cast<double>(kFoldedValuesMax)) {
    out.ints.emplace();
    int64_t value = first->front();
    for (int64_t i = 0; i < out.dims[0]; ++i) {
      out.ints->push_back(value);
      const auto next = base::CheckedAdd(value, step->front());
      if (!next) break;
      value = *next;
    }
    if (static_cast<int64_t>(out.ints->size()) != out.dims[0]) out.ints.reset();
  }
  return Tensors{std::move(out)};
}

}  // namespace

const RuleTable& IndexRules() {
  static const RuleTable kRules = {
      {"Gather", Gather},
      {"GatherElements", GatherElements},
      {"GatherND", GatherNd},
      {"TopK", TopK},
      {"ArgMax", ArgMax},
      {"ArgMin", ArgMax},
      {"NonZero", NonZero},
      {"NonMaxSuppression", NonMaxSuppression},
      {"Shape", Shape},
      {"Size", Size},
      {"ConstantOfShape", ConstantOfShape},
      {"Range", Range},
  };
  return kRules;
}

}  // namespace bulkhead::model
