// SPDX-License-Identifier: Apache-2.0
#include "openinference/infer_response.h"

#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "openinference/quoted.h"
#include "openinference/string_elements.h"

namespace bulkhead::openinference {
namespace {

using base::ElementType;
using base::JsonWriter;

base::Error NoJsonForm(std::string_view output, std::string_view what) {
  return base::PublicError(
      base::Code::kInvalid,
      fmt::format("output {} {}; ask for it with the parameter \"binary_data\": true",
                  Quoted(output), what));
}

template <typename T, typename Write>
void WriteEach(std::span<const std::byte> bytes, const Write& write) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value{};
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    write(value);
  }
}

base::Status WriteStrings(const Tensor& output, JsonWriter& json) {
  std::span<const std::byte> rest = output.bytes.view();
  while (const auto element = NextStringElement(rest)) {
    const std::string_view text(reinterpret_cast<const char*>(element->data()), element->size());
    if (!base::IsUtf8(text)) return NoJsonForm(output.name, "holds bytes that are not UTF-8");
    json.Text(text);
  }
  return base::Ok();
}

base::Status WriteElements(const Tensor& output, JsonWriter& json) {
  const auto bytes = output.bytes.view();
  const auto write_signed = [&](auto value) { json.Signed(value); };
  const auto write_unsigned = [&](auto value) { json.Unsigned(value); };
  const auto write_real = [&](auto value) { json.Real(value); };
  switch (output.type) {
    case ElementType::kFloat32:
      WriteEach<float>(bytes, write_real);
      break;
    case ElementType::kFloat64:
      WriteEach<double>(bytes, write_real);
      break;
    case ElementType::kBool:
      WriteEach<uint8_t>(bytes, [&](uint8_t value) { json.Bool(value != 0); });
      break;
    case ElementType::kUint8:
      WriteEach<uint8_t>(bytes, write_unsigned);
      break;
    case ElementType::kInt8:
      WriteEach<int8_t>(bytes, write_signed);
      break;
    case ElementType::kUint16:
      WriteEach<uint16_t>(bytes, write_unsigned);
      break;
    case ElementType::kInt16:
      WriteEach<int16_t>(bytes, write_signed);
      break;
    case ElementType::kUint32:
      WriteEach<uint32_t>(bytes, write_unsigned);
      break;
    case ElementType::kInt32:
      WriteEach<int32_t>(bytes, write_signed);
      break;
    case ElementType::kUint64:
      WriteEach<uint64_t>(bytes, write_unsigned);
      break;
    case ElementType::kInt64:
      WriteEach<int64_t>(bytes, write_signed);
      break;
    case ElementType::kString:
      return WriteStrings(output, json);
    case ElementType::kFloat16:
    case ElementType::kOther:
      return NoJsonForm(output.name, "has no JSON form");
  }
  return base::Ok();
}

void WriteParameter(const Parameter& value, JsonWriter& json) {
  if (const bool* const flag = std::get_if<bool>(&value)) json.Bool(*flag);
  if (const auto* const number = std::get_if<int64_t>(&value)) json.Signed(*number);
  if (const auto* const number = std::get_if<uint64_t>(&value)) json.Unsigned(*number);
  if (const auto* const number = std::get_if<double>(&value)) json.Real(*number);
  if (const auto* const text = std::get_if<std::string>(&value)) json.Text(*text);
}

void WriteParameters(const Parameters& parameters, JsonWriter& json) {
  if (parameters.empty()) return;
  json.Key("parameters");
  json.BeginObject();
  for (const auto& [name, value] : parameters) {
    json.Key(name);
    WriteParameter(value, json);
  }
  json.EndObject();
}

// Whether the bytes are as many as the shape says: they come from a worker.
bool IsWhole(const Tensor& output) {
  const auto count = base::ElementCount(output.dims);
  if (!count) return false;
  const auto bytes = output.bytes.view();
  const auto element = base::ElementBytes(output.type);
  if (!element) return AreStringElements(bytes, *count);
  return base::CheckedMul(*count, *element) == bytes.size();
}

base::Status WriteOutput(Tensor& output, bool binary, JsonWriter& json) {
  const auto datatype = DatatypeName(output.type);
  if (!datatype || !IsWhole(output)) {
    return base::OperatorError(base::Code::kInternal,
                               fmt::format("output {} is not what it says", Quoted(output.name)));
  }
  json.BeginObject();
  json.Key("name");
  json.Text(output.name);
  json.Key("datatype");
  json.Text(*datatype);
  json.Key("shape");
  json.BeginArray();
  for (const int64_t dim : output.dims) json.Signed(dim);
  json.EndArray();
  if (binary) {
    output.parameters["binary_data_size"] = static_cast<uint64_t>(output.bytes.view().size());
  }
  WriteParameters(output.parameters, json);
  if (!binary) {
    json.Key("data");
    json.BeginArray();
    BH_TRY(WriteElements(output, json));
    json.EndArray();
  }
  json.EndObject();
  return base::Ok();
}

}  // namespace

OutputForms FormsOf(const InferRequest& request) {
  OutputForms forms{.binary_by_default = request.binary_outputs, .binary = {}};
  for (const RequestedOutput& output : request.outputs) {
    if (output.binary) forms.binary[output.name] = *output.binary;
  }
  return forms;
}

bool IsBinary(const OutputForms& forms, const std::string& output) {
  const auto own = forms.binary.find(output);
  return own == forms.binary.end() ? forms.binary_by_default : own->second;
}

base::Status CheckForms(const OutputForms& forms, std::span<const TensorMetadata> outputs) {
  for (const TensorMetadata& output : outputs) {
    if (output.type == ElementType::kFloat16 && !IsBinary(forms, output.name)) {
      return NoJsonForm(output.name, "is FP16, which has no JSON form");
    }
  }
  return base::Ok();
}

base::Result<InferBody> WriteInferResponse(InferResponse response, const OutputForms& forms) {
  JsonWriter json;
  json.BeginObject();
  json.Key("model_name");
  json.Text(response.model);
  if (!response.version.empty()) {
    json.Key("model_version");
    json.Text(response.version);
  }
  if (!response.id.empty()) {
    json.Key("id");
    json.Text(response.id);
  }
  WriteParameters(response.parameters, json);
  json.Key("outputs");
  json.BeginArray();
  InferBody body;
  body.parts.emplace_back();
  for (Tensor& output : response.outputs) {
    const bool binary = IsBinary(forms, output.name);
    BH_TRY(WriteOutput(output, binary, json));
    if (binary) body.parts.push_back(std::move(output.bytes).Take());
  }
  json.EndArray();
  json.EndObject();
  body.parts.front() = std::move(json).Take();
  if (body.parts.size() > 1) body.header_length = body.parts.front().size();
  return body;
}

}  // namespace bulkhead::openinference
