// SPDX-License-Identifier: Apache-2.0
#include "engine/input_check.h"

#include <string>

#include "base/checked_math.h"

namespace bulkhead::engine {
namespace {

base::Error Invalid(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

bool DimsFit(std::span<const int64_t> declared, std::span<const int64_t> given) {
  if (declared.size() != given.size()) return false;
  for (std::size_t axis = 0; axis < declared.size(); ++axis) {
    const bool fits = declared[axis] < 0 ? given[axis] > 0 : given[axis] == declared[axis];
    if (!fits) return false;
  }
  return true;
}

}  // namespace

base::Status CheckInput(const base::GraphDescription& graph, const base::TensorView& input) {
  if (graph.inputs.size() != 1) {
    return Invalid("the graph has " + std::to_string(graph.inputs.size()) + " inputs, expected 1");
  }
  const base::TensorSpec& declared = graph.inputs.front();
  if (input.type != declared.type) {
    return Invalid("input " + declared.name + " is " +
                   std::string(base::ElementTypeName(declared.type)) + ", not " +
                   std::string(base::ElementTypeName(input.type)));
  }
  if (!DimsFit(declared.dims, input.dims)) {
    return Invalid("input " + declared.name + " is " + base::FormatDims(declared.dims) + ", not " +
                   base::FormatDims(input.dims));
  }
  const auto count = base::ElementCount(input.dims);
  const auto element_bytes = base::ElementBytes(input.type);
  const auto bytes = count && element_bytes ? base::CheckedMul(*count, *element_bytes)
                                            : std::optional<std::size_t>();
  if (!bytes || *bytes != input.bytes.size()) {
    return Invalid("input " + declared.name + " of shape " + base::FormatDims(input.dims) +
                   " does not have " + std::to_string(input.bytes.size()) + " bytes");
  }
  return base::Ok();
}

}  // namespace bulkhead::engine
