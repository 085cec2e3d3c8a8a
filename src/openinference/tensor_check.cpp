// SPDX-License-Identifier: Apache-2.0
#include "openinference/tensor_check.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "openinference/quoted.h"
#include "openinference/string_elements.h"

namespace bulkhead::openinference {
namespace {

base::Error Invalid(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

template <typename Named>
std::optional<std::string> FirstTwice(const std::vector<Named>& list) {
  std::vector<std::string_view> names;
  names.reserve(list.size());
  for (const Named& item : list) names.push_back(item.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return std::nullopt;
  return std::string(*twice);
}

}  // namespace

base::Error UnknownDatatype(std::string_view input, std::string_view datatype) {
  if (datatype == "BF16") {
    return Invalid(
        fmt::format("input {}: BF16 is not served here; send FP32 or FP16", Quoted(input)));
  }
  return Invalid(fmt::format(
      "input {}: unknown datatype {}; use BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, "
      "INT64, FP16, FP32, FP64 or BYTES",
      Quoted(input), Quoted(datatype)));
}

base::Status CheckInput(const Tensor& input, const InferLimits& limits) {
  const std::string name = Quoted(input.name);
  if (input.dims.size() > limits.dims_max) {
    return Invalid(fmt::format("input {}: a shape has at most {} dimensions, got {}", name,
                               limits.dims_max, input.dims.size()));
  }
  if (std::ranges::any_of(input.dims, [](int64_t dim) { return dim < 0; })) {
    return Invalid(fmt::format("input {}: no dimension of a request may be negative", name));
  }
  const std::optional<std::size_t> count = base::ElementCount(input.dims);
  if (!count) return Invalid(fmt::format("input {}: the shape is too large", name));
  const std::span<const std::byte> bytes = input.bytes.view();
  const std::optional<std::size_t> element = base::ElementBytes(input.type);
  if (!element) {
    if (AreStringElements(bytes, *count)) return base::Ok();
    return Invalid(
        fmt::format("input {}: {} bytes are not {} BYTES elements; each is its length in 4 bytes, "
                    "little-endian, and so many bytes",
                    name, bytes.size(), *count));
  }
  const std::optional<std::size_t> expected = base::CheckedMul(*count, *element);
  if (expected == bytes.size()) return base::Ok();
  return Invalid(fmt::format("input {}: shape {} of {} needs {} elements of {} bytes, got {} bytes",
                             name, base::FormatDims(input.dims),
                             DatatypeName(input.type).value_or("OTHER"), *count, *element,
                             bytes.size()));
}

base::Status CheckTensorList(const InferRequest& request, const InferLimits& limits) {
  if (request.inputs.empty()) {
    return Invalid("the request has no inputs; name at least one tensor in \"inputs\"");
  }
  if (std::max(request.inputs.size(), request.outputs.size()) > limits.tensors_max) {
    return Invalid(fmt::format("a request has at most {} inputs and {} outputs", limits.tensors_max,
                               limits.tensors_max));
  }
  if (const auto twice = FirstTwice(request.inputs)) {
    return Invalid(fmt::format("input {} is there twice", Quoted(*twice)));
  }
  if (const auto twice = FirstTwice(request.outputs)) {
    return Invalid(fmt::format("output {} is asked for twice", Quoted(*twice)));
  }
  std::size_t bytes = 0;
  for (const Tensor& input : request.inputs) bytes += input.bytes.view().size();
  if (bytes <= limits.tensor_bytes_max) return base::Ok();
  return Invalid(fmt::format("the inputs are {} bytes together, at most {} are taken", bytes,
                             limits.tensor_bytes_max));
}

}  // namespace bulkhead::openinference
