// SPDX-License-Identifier: Apache-2.0
#include "model/constant_folding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked_math.h"

namespace bulkhead::model {
namespace {

using base::ElementType;

std::optional<int64_t> Apply(std::string_view op, int64_t a, int64_t b) {
  if (op == "Add") return base::CheckedAdd(a, b);
  if (op == "Mul") return base::CheckedMul(a, b);
  if (op == "Min") return std::min(a, b);
  if (op == "Max") return std::max(a, b);
  if (op == "Equal") return a == b ? 1 : 0;
  if (op == "Sub") {
    int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
    return difference;
  }
  if (b == 0 || (a == std::numeric_limits<int64_t>::min() && b == -1)) return std::nullopt;
  if (op == "Div") return a / b;
  // Mod takes the sign of the divisor, as Python does (Mod-13 with fmod=0).
  if (op == "Mod") return a % b != 0 && ((a < 0) != (b < 0)) ? a % b + b : a % b;
  return std::nullopt;
}

std::optional<float> Apply(std::string_view op, float a, float b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div" && b != 0) return a / b;
  if (op == "Min") return std::min(a, b);
  if (op == "Max") return std::max(a, b);
  return std::nullopt;
}

template <typename T>
std::optional<std::vector<T>> Combine(std::string_view op, const std::vector<T>& a,
                                      const std::vector<T>& b) {
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  if (a.empty() || b.empty()) return std::nullopt;
  std::vector<T> out;
  const std::size_t size = std::max(a.size(), b.size());
  if (size > kFoldedValuesMax) return std::nullopt;
  for (std::size_t i = 0; i < size; ++i) {
    const auto value = Apply(op, a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    if (!value) return std::nullopt;
    out.push_back(*value);
  }
  return out;
}

bool IsInteger(ElementType type) {
  return type == ElementType::kInt64 || type == ElementType::kInt32 || type == ElementType::kBool;
}

std::optional<std::vector<int64_t>> ToInts(const std::vector<float>& values) {
  constexpr float kLimit = 9.0e18F;  // below 2^63, so that the conversion is defined
  std::vector<int64_t> out;
  for (const float value : values) {
    if (!(value > -kLimit && value < kLimit)) return std::nullopt;
    out.push_back(static_cast<int64_t>(value));
  }
  return out;
}

void Cast(const InferredTensor& input, InferredTensor& out) {
  if (IsInteger(out.type)) {
    out.ints = input.floats ? ToInts(*input.floats) : input.ints;
  } else if (out.type == ElementType::kFloat32) {
    out.floats = input.floats;
    if (input.ints) out.floats.emplace(input.ints->begin(), input.ints->end());
  }
}

}  // namespace

void FoldBinary(std::string_view op, const InferredTensor& a, const InferredTensor& b,
                InferredTensor& out) {
  if (a.ints && b.ints) out.ints = Combine(op, *a.ints, *b.ints);
  if (a.floats && b.floats) out.floats = Combine(op, *a.floats, *b.floats);
}

void FoldUnary(std::string_view op, const InferredTensor& input, InferredTensor& out) {
  if (op == "Cast") return Cast(input, out);
  if (op == "Identity") {
    out.ints = input.ints;
    out.floats = input.floats;
  } else if (op == "Neg" && input.ints) {
    out.ints = Combine<int64_t>("Sub", {0}, *input.ints);
  } else if ((op == "Floor" || op == "Ceil" || op == "Sqrt") && input.floats) {
    out.floats = input.floats;
    for (float& value : *out.floats) {
      value = op == "Floor"  ? std::floor(value)
              : op == "Ceil" ? std::ceil(value)
                             : std::sqrt(value);
    }
  }
}

}  // namespace bulkhead::model
