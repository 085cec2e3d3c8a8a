// SPDX-License-Identifier: Apache-2.0
// Operators that compute element by element, reduce, or multiply matrices.
#include <algorithm>

#include "model/constant_folding.h"
#include "model/element_type.h"
#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

using base::ElementType;

// The shape and type of the first input.
std::optional<Tensors> Same(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  Tensors out = One(input->type, input->dims);
  FoldUnary(call.node.op, *input, out.front());
  return out;
}

std::optional<Tensors> Cast(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto type = FromOnnxType(call.Attribute("to", 0));
  if (input == nullptr || !type) return std::nullopt;
  Tensors out = One(*type, input->dims);
  FoldUnary("Cast", *input, out.front());
  return out;
}

// All inputs broadcast to one shape; the result has the type of the first, or is a truth.
std::optional<Tensors> BroadcastAll(const RuleCall& call, bool truth) {
  const InferredTensor* first = call.Input(0);
  if (first == nullptr) return std::nullopt;
  Dims dims = first->dims;
  for (const InferredTensor* input : call.inputs) {
    if (input == nullptr) return std::nullopt;
    auto wider = Broadcast(dims, input->dims);
    if (!wider) return std::nullopt;
    dims = *std::move(wider);
  }
  Tensors out = One(truth ? ElementType::kBool : first->type, std::move(dims));
  if (call.inputs.size() == 2) {
    FoldBinary(call.node.op, *first, *call.inputs[1], out.front());
  }
  return out;
}

std::optional<Tensors> Binary(const RuleCall& call) { return BroadcastAll(call, false); }
std::optional<Tensors> Comparison(const RuleCall& call) { return BroadcastAll(call, true); }

std::optional<Tensors> Truth(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  return One(ElementType::kBool, input->dims);
}

std::optional<Tensors> Where(const RuleCall& call) {
  const InferredTensor* condition = call.Input(0);
  const InferredTensor* yes = call.Input(1);
  const InferredTensor* no = call.Input(2);
  if (condition == nullptr || yes == nullptr || no == nullptr) return std::nullopt;
  const auto values = Broadcast(yes->dims, no->dims);
  auto dims = values ? Broadcast(*values, condition->dims) : std::nullopt;
  if (!dims) return std::nullopt;
  Tensors out = One(yes->type, *std::move(dims));
  if (condition->ints && yes->ints && no->ints && condition->ints->size() == yes->ints->size() &&
      yes->ints->size() == no->ints->size()) {
    std::vector<int64_t> chosen = *yes->ints;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if ((*condition->ints)[i] == 0) chosen[i] = (*no->ints)[i];
    }
    out.front().ints = std::move(chosen);
  }
  return out;
}

std::optional<Tensors> Reduce(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* axes = call.IntsFromEither(1, "axes");
  if (input == nullptr || (call.Input(1) != nullptr && axes == nullptr)) return std::nullopt;
  const std::size_t rank = input->dims.size();
  const bool none = axes == nullptr || axes->empty();
  if (none && call.Attribute("noop_with_empty_axes", 0) != 0) {
    return One(input->type, input->dims);
  }
  std::vector<bool> reduced(rank, none);
  for (std::size_t i = 0; !none && i < axes->size(); ++i) {
    const auto axis = NormalAxis((*axes)[i], rank);
    if (!axis) return std::nullopt;
    reduced[*axis] = true;
  }
  const bool keep = call.Attribute("keepdims", 1) != 0;
  Dims dims;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!reduced[i]) dims.push_back(input->dims[i]);
    if (reduced[i] && keep) dims.push_back(1);
  }
  return One(input->type, std::move(dims));
}

// numpy.matmul: vectors gain a dimension of 1 that the result loses again.
std::optional<Tensors> MatMul(const RuleCall& call) {
  const InferredTensor* left = call.Input(0);
  const InferredTensor* right = call.Input(1);
  if (left == nullptr || right == nullptr || left->dims.empty() || right->dims.empty()) {
    return std::nullopt;
  }
  Dims a = left->dims;
  Dims b = right->dims;
  const bool left_vector = a.size() == 1;
  const bool right_vector = b.size() == 1;
  if (left_vector) a.insert(a.begin(), 1);
  if (right_vector) b.push_back(1);
  if (a.back() != b[b.size() - 2]) return std::nullopt;
  auto dims = Broadcast(Dims(a.begin(), a.end() - 2), Dims(b.begin(), b.end() - 2));
  if (!dims) return std::nullopt;
  if (!left_vector) dims->push_back(a[a.size() - 2]);
  if (!right_vector) dims->push_back(b.back());
  return One(left->type, *std::move(dims));
}

std::optional<Tensors> Gemm(const RuleCall& call) {
  const InferredTensor* a = call.Input(0);
  const InferredTensor* b = call.Input(1);
  if (a == nullptr || b == nullptr || a->dims.size() != 2 || b->dims.size() != 2) {
    return std::nullopt;
  }
  const bool flip_a = call.Attribute("transA", 0) != 0;
  const bool flip_b = call.Attribute("transB", 0) != 0;
  if (a->dims[flip_a ? 0 : 1] != b->dims[flip_b ? 1 : 0]) return std::nullopt;
  return One(a->type, {a->dims[flip_a ? 1 : 0], b->dims[flip_b ? 0 : 1]});
}

// The integer type of the zero point (uint8 without one), or back to the type of the scale.
std::optional<Tensors> Quantize(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const InferredTensor* zero = call.Input(2);
  return One(zero != nullptr ? zero->type : ElementType::kUint8, input->dims);
}

std::optional<Tensors> Dequantize(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* scale = call.Input(1);
  if (input == nullptr || scale == nullptr) return std::nullopt;
  return One(scale->type, input->dims);
}

// Operators whose output has the type and shape of their first input.
constexpr const char* kShapePreserving[] = {"Abs",
                                            "BatchNormalization",
                                            "Ceil",
                                            "Clip",
                                            "Cos",
                                            "CumSum",
                                            "Dropout",
                                            "Elu",
                                            "Erf",
                                            "Exp",
                                            "Floor",
                                            "Gelu",
                                            "HardSigmoid",
                                            "HardSwish",
                                            "Identity",
                                            "InstanceNormalization",
                                            "LayerNormalization",
                                            "LeakyRelu",
                                            "Log",
                                            "LogSoftmax",
                                            "Mish",
                                            "Neg",
                                            "PRelu",
                                            "Reciprocal",
                                            "Relu",
                                            "Round",
                                            "ScatterElements",
                                            "ScatterND",
                                            "Selu",
                                            "Sigmoid",
                                            "Sign",
                                            "Sin",
                                            "Softmax",
                                            "Softplus",
                                            "Softsign",
                                            "Sqrt",
                                            "Swish",
                                            "Tan",
                                            "Tanh",
                                            "Trilu"};

RuleTable MakeRules() {
  RuleTable rules = {
      {"Cast", Cast},
      {"Where", Where},
      {"MatMul", MatMul},
      {"Gemm", Gemm},
      {"QuantizeLinear", Quantize},
      {"DequantizeLinear", Dequantize},
  };
  for (const char* op : kShapePreserving) {
    rules.emplace(op, Same);
  }
  for (const char* op : {"Add", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow", "Sub", "Sum"}) {
    rules.emplace(op, Binary);
  }
  for (const char* op :
       {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor"}) {
    rules.emplace(op, Comparison);
  }
  for (const char* op : {"IsInf", "IsNaN", "Not"}) rules.emplace(op, Truth);
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                         "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
    rules.emplace(op, Reduce);
  }
  return rules;
}

}  // namespace

const RuleTable& ArithmeticRules() {
  static const RuleTable kRules = MakeRules();
  return kRules;
}

}  // namespace bulkhead::model
