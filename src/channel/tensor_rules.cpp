// SPDX-License-Identifier: Apache-2.0
#include "channel/tensor_rules.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/checked_math.h"
#include "channel/limits.h"
#include "channel/plain_line.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::PublicError;

// The name is the graph's own.
std::string Named(std::string_view what, const base::TensorSpec& declared) {
  return std::string(what) + " " + PlainLine(declared.name, 64);
}

bool DimsFit(std::span<const int64_t> declared, std::span<const int64_t> given,
             int64_t variable_min) {
  if (declared.size() != given.size()) return false;
  for (std::size_t axis = 0; axis < declared.size(); ++axis) {
    const bool fits =
        declared[axis] < 0 ? given[axis] >= variable_min : given[axis] == declared[axis];
    if (!fits) return false;
  }
  return true;
}

struct TensorRule {
  std::string_view what;  // "input", "output"
  Code otherwise = Code::kInvalid;
  int64_t variable_min = 0;
};

base::Status CheckTensor(const TensorRule& rule, const base::TensorSpec& declared,
                         const base::TensorView& tensor) {
  if (tensor.type != declared.type) {
    return PublicError(rule.otherwise, Named(rule.what, declared) + " is " +
                                           std::string(base::ElementTypeName(declared.type)) +
                                           ", not " +
                                           std::string(base::ElementTypeName(tensor.type)));
  }
  if (!DimsFit(declared.dims, tensor.dims, rule.variable_min)) {
    return PublicError(rule.otherwise, Named(rule.what, declared) + " is " +
                                           base::FormatDims(declared.dims) + ", not " +
                                           base::FormatDims(tensor.dims));
  }
  if (TensorBytes(tensor.type, tensor.dims) == tensor.bytes.size()) return base::Ok();
  return PublicError(rule.otherwise, Named(rule.what, declared) + " of shape " +
                                         base::FormatDims(tensor.dims) + " does not have " +
                                         std::to_string(tensor.bytes.size()) + " bytes");
}

// Takes a tensor's bytes from what is left.
base::Status Count(const base::TensorView& tensor, Code otherwise, std::size_t& bytes_left) {
  if (tensor.bytes.size() > bytes_left) {
    return PublicError(otherwise, "the tensors have more than " + std::to_string(kTensorBytesMax) +
                                      " bytes together");
  }
  bytes_left -= tensor.bytes.size();
  return base::Ok();
}

}  // namespace

std::optional<std::size_t> TensorBytes(base::ElementType type, std::span<const int64_t> dims) {
  const auto count = base::ElementCount(dims);
  const auto element_bytes = base::ElementBytes(type);
  if (!count || !element_bytes) return std::nullopt;
  return base::CheckedMul(*count, *element_bytes);
}

base::Status CheckInputs(std::span<const base::TensorSpec> declared,
                         std::span<const base::TensorView> inputs) {
  if (inputs.size() != declared.size()) {
    return PublicError(Code::kInvalid, "the model takes " + std::to_string(declared.size()) +
                                           " inputs, not " + std::to_string(inputs.size()));
  }
  const TensorRule rule{.what = "input", .otherwise = Code::kInvalid, .variable_min = 1};
  std::size_t bytes_left = kTensorBytesMax;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    BH_TRY(CheckTensor(rule, declared[i], inputs[i]));
    BH_TRY(Count(inputs[i], rule.otherwise, bytes_left));
  }
  return base::Ok();
}

base::Status CheckWanted(std::span<const base::TensorSpec> declared,
                         std::span<const uint32_t> wanted) {
  std::vector<bool> seen(declared.size());
  for (const uint32_t index : wanted) {
    if (index >= declared.size()) {
      return PublicError(Code::kInvalid, "the model has no output " + std::to_string(index));
    }
    if (seen[index]) {
      return PublicError(Code::kInvalid, Named("output", declared[index]) + " is asked for twice");
    }
    seen[index] = true;
    if (!base::ElementBytes(declared[index].type)) {
      return PublicError(Code::kUnsupported,
                         Named("output", declared[index]) + " is " +
                             std::string(base::ElementTypeName(declared[index].type)) +
                             ", which is not sent; ask for other outputs");
    }
  }
  return base::Ok();
}

base::Status CheckOutputs(std::span<const base::TensorSpec> declared,
                          std::span<const InferOutput> outputs) {
  const TensorRule rule{.what = "output", .otherwise = Code::kUnsupported, .variable_min = 0};
  std::size_t bytes_left = kTensorBytesMax;
  for (const InferOutput& output : outputs) {
    BH_TRY(CheckTensor(rule, declared[output.index], output.tensor));
    BH_TRY(Count(output.tensor, Code::kExhausted, bytes_left));
  }
  return base::Ok();
}

}  // namespace bulkhead::channel
