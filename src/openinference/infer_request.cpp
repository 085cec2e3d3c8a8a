// SPDX-License-Identifier: Apache-2.0
#include "openinference/infer_request.h"

#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "openinference/infer_json.h"
#include "openinference/quoted.h"
#include "openinference/string_elements.h"
#include "openinference/tensor_check.h"

namespace bulkhead::openinference {
namespace {

base::Error Invalid(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

std::optional<Parameter> TakeParameter(Parameters& parameters, const std::string& name) {
  const auto node = parameters.extract(name);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

base::Result<std::optional<bool>> TakeFlag(Parameters& parameters, const std::string& name) {
  const std::optional<Parameter> value = TakeParameter(parameters, name);
  if (!value) return std::optional<bool>();
  if (const bool* const flag = std::get_if<bool>(&*value)) return std::optional<bool>(*flag);
  return Invalid(fmt::format("parameter '{}' must be true or false", name));
}

// gRPC may send either kind of integer.
std::optional<uint64_t> Natural(const Parameter& value) {
  if (const auto* const number = std::get_if<uint64_t>(&value)) return *number;
  const auto* const number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : base::CheckedCast<uint64_t>(*number);
}

base::Result<std::optional<uint64_t>> TakeNatural(Parameters& parameters, const std::string& name) {
  const std::optional<Parameter> value = TakeParameter(parameters, name);
  if (!value) return std::optional<uint64_t>();
  if (const auto number = Natural(*value)) return std::optional<uint64_t>(*number);
  return Invalid(fmt::format("parameter '{}' must be an integer of 0 or more", name));
}

base::Status CheckMembers(const JsonInput& input, bool binary, std::size_t number) {
  if (input.name.empty()) return Invalid(fmt::format("input number {} has no \"name\"", number));
  const std::string name = Quoted(input.name);
  if (!input.has_type) return Invalid(fmt::format("input {} has no \"datatype\"", name));
  if (!input.has_dims) return Invalid(fmt::format("input {} has no \"shape\"", name));
  if (input.has_data == binary) {
    return Invalid(fmt::format(
        "input {} needs either \"data\" or the parameter \"binary_data_size\", and not both",
        name));
  }
  return base::Ok();
}

// Takes the tensor's own bytes off the front of the binary tensors that are left.
base::Result<std::span<const std::byte>> TakeBinary(std::string_view name, uint64_t size,
                                                    std::span<const std::byte>& tail) {
  if (size > tail.size()) {
    return Invalid(fmt::format(
        "input {}: \"binary_data_size\" is {}, but only {} bytes are left after the JSON; is the "
        "header Inference-Header-Content-Length right?",
        Quoted(name), size, tail.size()));
  }
  const auto bytes = tail.first(static_cast<std::size_t>(size));
  tail = tail.subspan(bytes.size());
  return bytes;
}

base::Result<Tensor> ToTensor(JsonInput input, std::size_t number, std::span<const std::byte>& tail,
                              const InferLimits& limits) {
  BH_ASSIGN(const auto size, TakeNatural(input.parameters, "binary_data_size"));
  BH_TRY(CheckTensorParameters(input.parameters));
  BH_TRY(CheckMembers(input, size.has_value(), number));
  Tensor tensor{.name = std::move(input.name),
                .type = input.type,
                .dims = std::move(input.dims),
                .bytes = TensorBytes(std::move(input.data)),
                .parameters = std::move(input.parameters)};
  if (size) {
    BH_ASSIGN(const auto bytes, TakeBinary(tensor.name, *size, tail));
    tensor.bytes = TensorBytes(bytes);
  }
  BH_TRY(CheckInput(tensor, limits));
  return tensor;
}

// The model's dimensions with the variable one set so that the bytes fill the shape.
base::Result<std::vector<int64_t>> FillShape(const TensorMetadata& input, std::size_t bytes,
                                             std::size_t element) {
  std::vector<int64_t> dims = input.dims;
  int64_t* variable = nullptr;
  for (int64_t& dim : dims) {
    if (dim >= 0) continue;
    if (variable != nullptr) {
      return Invalid(
          fmt::format("input {} has more than one variable dimension; send its shape in JSON",
                      Quoted(input.name)));
    }
    variable = &dim;
    dim = 1;
  }
  const auto fixed = base::ElementCount(dims);
  const auto stride = fixed ? base::CheckedMul(*fixed, element) : std::nullopt;
  if (variable != nullptr && stride && *stride > 0 && bytes % *stride == 0) {
    *variable = static_cast<int64_t>(bytes / *stride);
  }
  return dims;
}

}  // namespace

base::Result<std::size_t> ParseHeaderLength(std::string_view text, std::size_t body_bytes) {
  std::size_t length = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, length);
  if (error == std::errc() && rest == end && length <= body_bytes) return length;
  return Invalid(fmt::format("inference header size should be in range (0, {}), got: {}",
                             body_bytes, Quoted(text)));
}

base::Status CheckTensorParameters(const Parameters& parameters) {
  if (parameters.contains("shared_memory_region")) {
    return base::PublicError(base::Code::kUnsupported,
                             "shared memory is not served; send tensors with the request");
  }
  if (parameters.contains("classification")) {
    return base::PublicError(base::Code::kUnsupported,
                             "the classification extension is not served; ask for the tensor");
  }
  return base::Ok();
}

base::Status TakeReservedParameters(InferRequest& request) {
  BH_ASSIGN(const auto binary, TakeFlag(request.parameters, "binary_data_output"));
  request.binary_outputs = binary.value_or(false);
  BH_ASSIGN(const auto timeout, TakeNatural(request.parameters, "timeout"));
  if (timeout.value_or(0) > 0) request.timeout_us = timeout;
  for (RequestedOutput& output : request.outputs) {
    if (output.name.empty()) return Invalid("each of \"outputs\" needs a \"name\"");
    BH_ASSIGN(output.binary, TakeFlag(output.parameters, "binary_data"));
    BH_TRY(CheckTensorParameters(output.parameters));
  }
  return base::Ok();
}

base::Result<InferRequest> ParseInferRequest(std::span<const std::byte> body,
                                             std::optional<std::size_t> header_length,
                                             const InferLimits& limits) {
  const std::size_t json_bytes = header_length.value_or(body.size());
  if (json_bytes > body.size()) {
    return Invalid(fmt::format("inference header size should be in range (0, {}), got: {}",
                               body.size(), json_bytes));
  }
  BH_ASSIGN(JsonRequest json, ReadInferJson(body.first(json_bytes), limits));
  std::span<const std::byte> tail = body.subspan(json_bytes);
  InferRequest request{.id = std::move(json.id),
                       .parameters = std::move(json.parameters),
                       .inputs = {},
                       .outputs = std::move(json.outputs),
                       .timeout_us = {}};
  BH_TRY(TakeReservedParameters(request));
  request.inputs.reserve(json.inputs.size());
  for (JsonInput& input : json.inputs) {
    const std::size_t number = request.inputs.size() + 1;
    BH_ASSIGN(Tensor tensor, ToTensor(std::move(input), number, tail, limits));
    request.inputs.push_back(std::move(tensor));
  }
  if (!tail.empty()) {
    return Invalid(fmt::format("{} bytes follow the last binary tensor", tail.size()));
  }
  BH_TRY(CheckTensorList(request, limits));
  return request;
}

base::Result<InferRequest> ParseRawInferRequest(std::span<const std::byte> body,
                                                std::span<const TensorMetadata> model_inputs,
                                                const InferLimits& limits) {
  if (model_inputs.size() != 1) {
    return Invalid(
        "a raw binary request (Inference-Header-Content-Length: 0) needs a model with "
        "one input; send JSON");
  }
  const TensorMetadata& input = model_inputs.front();
  Tensor tensor{.name = input.name,
                .type = input.type,
                .dims = {1},
                .bytes = TensorBytes(body),
                .parameters = {}};
  if (const auto element = base::ElementBytes(input.type)) {
    BH_ASSIGN(tensor.dims, FillShape(input, body.size(), *element));
  } else {
    if (body.size() > limits.tensor_bytes_max) {
      return Invalid(fmt::format("the body has at most {} bytes", limits.tensor_bytes_max));
    }
    std::vector<std::byte> only;
    only.reserve(body.size() + sizeof(uint32_t));
    AppendStringElement(body, only);
    tensor.bytes = TensorBytes(std::move(only));
  }
  BH_TRY(CheckInput(tensor, limits));
  InferRequest request{.id = {},
                       .parameters = {},
                       .inputs = {},
                       .outputs = {},
                       .binary_outputs = true,
                       .timeout_us = {}};
  request.inputs.push_back(std::move(tensor));
  BH_TRY(CheckTensorList(request, limits));
  return request;
}

}  // namespace bulkhead::openinference
