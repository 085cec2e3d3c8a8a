// SPDX-License-Identifier: Apache-2.0
#include "rpc/messages.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "openinference/infer_request.h"
#include "openinference/quoted.h"
#include "openinference/string_elements.h"
#include "openinference/tensor_check.h"

namespace bulkhead::rpc {
namespace {

using base::ElementType;
using openinference::InferLimits;
using openinference::Parameter;
using openinference::Parameters;
using openinference::Quoted;
using openinference::TensorBytes;
using InputMessage = inference::ModelInferRequest::InferInputTensor;
using ParameterMap = google::protobuf::Map<std::string, inference::InferParameter>;

base::Error Invalid(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

std::optional<Parameter> ToParameter(const inference::InferParameter& message) {
  switch (message.parameter_choice_case()) {
    case inference::InferParameter::kBoolParam:
      return message.bool_param();
    case inference::InferParameter::kInt64Param:
      return message.int64_param();
    case inference::InferParameter::kStringParam:
      return message.string_param();
    case inference::InferParameter::kDoubleParam:
      return message.double_param();
    case inference::InferParameter::kUint64Param:
      return message.uint64_param();
    case inference::InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return std::nullopt;
}

base::Result<Parameters> ToParameters(const ParameterMap& messages, const InferLimits& limits) {
  if (messages.size() > limits.parameters_max) {
    return Invalid(fmt::format("at most {} parameters are taken", limits.parameters_max));
  }
  Parameters parameters;
  for (const auto& [name, message] : messages) {
    std::optional<Parameter> value = ToParameter(message);
    if (!value) return Invalid(fmt::format("parameter {} has no value", Quoted(name)));
    const auto* const text = std::get_if<std::string>(&*value);
    if (name.size() > limits.name_bytes_max ||
        (text != nullptr && text->size() > limits.text_bytes_max)) {
      return Invalid(fmt::format("parameter {}: a name has at most {} bytes, a value {}",
                                 Quoted(name), limits.name_bytes_max, limits.text_bytes_max));
    }
    parameters.emplace(name, std::move(*value));
  }
  return parameters;
}

template <typename To, typename Field>
std::optional<std::vector<std::byte>> Narrowed(const Field& field) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(field.size()) * sizeof(To));
  std::byte* at = bytes.data();
  for (const auto value : field) {
    const auto converted = base::CheckedCast<To>(value);
    if (!converted) return std::nullopt;
    std::memcpy(at, &*converted, sizeof(To));
    at += sizeof(To);
  }
  return bytes;
}

template <typename Field>
std::vector<std::byte> Copied(const Field& field) {
  const auto bytes = std::as_bytes(std::span(field.data(), static_cast<std::size_t>(field.size())));
  return {bytes.begin(), bytes.end()};
}

// nullopt: an element that the datatype cannot hold, or one that has no typed form.
std::optional<std::vector<std::byte>> TypedBytes(ElementType type,
                                                 const inference::InferTensorContents& contents) {
  switch (type) {
    case ElementType::kBool:
      return Copied(contents.bool_contents());
    case ElementType::kInt8:
      return Narrowed<int8_t>(contents.int_contents());
    case ElementType::kInt16:
      return Narrowed<int16_t>(contents.int_contents());
    case ElementType::kInt32:
      return Copied(contents.int_contents());
    case ElementType::kInt64:
      return Copied(contents.int64_contents());
    case ElementType::kUint8:
      return Narrowed<uint8_t>(contents.uint_contents());
    case ElementType::kUint16:
      return Narrowed<uint16_t>(contents.uint_contents());
    case ElementType::kUint32:
      return Copied(contents.uint_contents());
    case ElementType::kUint64:
      return Copied(contents.uint64_contents());
    case ElementType::kFloat32:
      return Copied(contents.fp32_contents());
    case ElementType::kFloat64:
      return Copied(contents.fp64_contents());
    case ElementType::kString: {
      std::vector<std::byte> bytes;
      for (const std::string& element : contents.bytes_contents()) {
        openinference::AppendStringElement(std::as_bytes(std::span(element)), bytes);
      }
      return bytes;
    }
    case ElementType::kFloat16:
    case ElementType::kOther:
      return std::nullopt;
  }
  return std::nullopt;
}

base::Result<TensorBytes> BytesOf(const InputMessage& input, ElementType type,
                                  const std::string* raw) {
  const std::string name = Quoted(input.name());
  if (raw != nullptr) {
    if (!input.has_contents()) return TensorBytes(std::as_bytes(std::span(*raw)));
    return Invalid(fmt::format("input {}: send either contents or raw_input_contents", name));
  }
  if (!input.has_contents()) {
    return Invalid(fmt::format("input {} has neither contents nor raw_input_contents", name));
  }
  std::optional<std::vector<std::byte>> bytes = TypedBytes(type, input.contents());
  if (bytes) return TensorBytes(std::move(*bytes));
  if (type == ElementType::kFloat16) {
    return Invalid(fmt::format("input {}: FP16 goes in raw_input_contents", name));
  }
  return Invalid(fmt::format("input {}: contents hold a value that {} cannot", name,
                             openinference::DatatypeName(type).value_or("its datatype")));
}

base::Result<openinference::Tensor> ToTensor(const InputMessage& input, const std::string* raw,
                                             const InferLimits& limits) {
  if (input.name().empty() || input.name().size() > limits.name_bytes_max) {
    return Invalid(fmt::format("the name of a tensor has 1 to {} bytes", limits.name_bytes_max));
  }
  const auto type = openinference::ParseDatatype(input.datatype());
  if (!type) return openinference::UnknownDatatype(input.name(), input.datatype());
  openinference::Tensor tensor{.name = input.name(),
                               .type = *type,
                               .dims = {input.shape().begin(), input.shape().end()},
                               .bytes = {},
                               .parameters = {}};
  BH_ASSIGN(tensor.parameters, ToParameters(input.parameters(), limits));
  BH_TRY(openinference::CheckTensorParameters(tensor.parameters));
  BH_ASSIGN(tensor.bytes, BytesOf(input, *type, raw));
  BH_TRY(openinference::CheckInput(tensor, limits));
  return tensor;
}

void WriteParameter(const Parameter& value, inference::InferParameter& message) {
  if (const bool* const flag = std::get_if<bool>(&value)) message.set_bool_param(*flag);
  if (const auto* const number = std::get_if<int64_t>(&value)) message.set_int64_param(*number);
  if (const auto* const number = std::get_if<uint64_t>(&value)) message.set_uint64_param(*number);
  if (const auto* const number = std::get_if<double>(&value)) message.set_double_param(*number);
  if (const auto* const text = std::get_if<std::string>(&value)) message.set_string_param(*text);
}

base::Status CheckCounts(const inference::ModelInferRequest& message, const InferLimits& limits) {
  const auto over = [&](int count) { return static_cast<std::size_t>(count) > limits.tensors_max; };
  if (over(message.inputs_size()) || over(message.outputs_size())) {
    return Invalid(fmt::format("a request has at most {} inputs and {} outputs", limits.tensors_max,
                               limits.tensors_max));
  }
  if (message.id().size() > limits.text_bytes_max) {
    return Invalid(fmt::format("the id has at most {} bytes", limits.text_bytes_max));
  }
  const int raw = message.raw_input_contents_size();
  if (raw == 0 || raw == message.inputs_size()) return base::Ok();
  return Invalid(fmt::format("{} raw_input_contents for {} inputs; send one for each", raw,
                             message.inputs_size()));
}

}  // namespace

base::Result<openinference::InferRequest> ParseInferMessage(
    const inference::ModelInferRequest& message, const InferLimits& limits) {
  BH_TRY(CheckCounts(message, limits));
  openinference::InferRequest request{
      .id = message.id(), .parameters = {}, .inputs = {}, .outputs = {}, .timeout_us = {}};
  BH_ASSIGN(request.parameters, ToParameters(message.parameters(), limits));
  const bool raw = message.raw_input_contents_size() > 0;
  for (int i = 0; i < message.inputs_size(); ++i) {
    const std::string* const bytes = raw ? &message.raw_input_contents(i) : nullptr;
    BH_ASSIGN(openinference::Tensor tensor, ToTensor(message.inputs(i), bytes, limits));
    request.inputs.push_back(std::move(tensor));
  }
  for (const auto& asked : message.outputs()) {
    BH_ASSIGN(Parameters parameters, ToParameters(asked.parameters(), limits));
    request.outputs.push_back(
        {.name = asked.name(), .binary = std::nullopt, .parameters = std::move(parameters)});
  }
  BH_TRY(openinference::TakeReservedParameters(request));
  BH_TRY(openinference::CheckTensorList(request, limits));
  return request;
}

base::Status WriteInferMessage(const openinference::InferResponse& response,
                               inference::ModelInferResponse& message) {
  message.set_model_name(response.model);
  message.set_model_version(response.version);
  message.set_id(response.id);
  for (const auto& [name, value] : response.parameters) {
    WriteParameter(value, (*message.mutable_parameters())[name]);
  }
  for (const openinference::Tensor& output : response.outputs) {
    const auto datatype = openinference::DatatypeName(output.type);
    if (!datatype) {
      return base::OperatorError(base::Code::kInternal, "an output of a type without a name");
    }
    auto& tensor = *message.add_outputs();
    tensor.set_name(output.name);
    tensor.set_datatype(std::string(*datatype));
    for (const int64_t dim : output.dims) tensor.add_shape(dim);
    for (const auto& [name, value] : output.parameters) {
      WriteParameter(value, (*tensor.mutable_parameters())[name]);
    }
    const auto bytes = output.bytes.view();
    message.add_raw_output_contents(bytes.data(), bytes.size());
  }
  return base::Ok();
}

}  // namespace bulkhead::rpc
