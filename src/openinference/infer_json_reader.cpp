// SPDX-License-Identifier: Apache-2.0
#include "openinference/infer_json_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "openinference/elements.h"
#include "openinference/quoted.h"
#include "openinference/string_elements.h"
#include "openinference/tensor_check.h"

namespace bulkhead::openinference {
namespace {

struct Member {
  std::string_view name;
  std::string_view kind;
};

constexpr Member kRequestMembers[] = {{"id", "a string"},
                                      {"parameters", "an object"},
                                      {"inputs", "an array of objects"},
                                      {"outputs", "an array of objects"}};
constexpr Member kInputMembers[] = {{"name", "a string"},
                                    {"datatype", "a string"},
                                    {"shape", "an array of integers"},
                                    {"data", "an array"},
                                    {"parameters", "an object"}};
constexpr Member kOutputMembers[] = {{"name", "a string"}, {"parameters", "an object"}};

std::optional<uint32_t> IndexOf(std::span<const Member> members, std::string_view name) {
  for (uint32_t i = 0; i < members.size(); ++i) {
    if (members[i].name == name) return i;
  }
  return std::nullopt;
}

std::span<const Member> MembersOf(bool request, bool input) {
  if (request) return kRequestMembers;
  if (input) return kInputMembers;
  return kOutputMembers;
}

}  // namespace

InferJsonReader::InferJsonReader(const InferLimits& limits, std::size_t json_bytes,
                                 std::span<const JsonInput> known)
    : limits_(limits), json_bytes_(json_bytes), known_(known) {}

bool InferJsonReader::Fail(std::string message) {
  error_ = base::PublicError(base::Code::kInvalid, std::move(message));
  return false;
}

bool InferJsonReader::FailInput(std::string_view message) {
  const std::string name = input().name.empty() ? fmt::format("number {}", request_.inputs.size())
                                                : Quoted(input().name);
  return Fail(fmt::format("input {}: {}", name, message));
}

bool InferJsonReader::NotJson(std::size_t position) {
  return Fail(fmt::format("the request is not valid JSON at byte {}", position));
}

uint32_t& InferJsonReader::seen() {
  return place() == Place::kRequest ? request_seen_ : tensor_seen_;
}

bool InferJsonReader::Key(const std::string& name) {
  if (passing()) return true;
  key_ = name;
  if (place() == Place::kParameters) {
    if (name.size() > limits_.name_bytes_max) {
      return Fail(fmt::format("parameter {}: a name has at most {} bytes", Quoted(name),
                              limits_.name_bytes_max));
    }
    return true;
  }
  const auto index = IndexOf(MembersOf(place() == Place::kRequest, place() == Place::kInput), name);
  if (!index) return true;
  const uint32_t bit = uint32_t{1} << *index;
  if ((seen() & bit) != 0) return Fail(fmt::format("{} is there twice", Quoted(name)));
  seen() |= bit;
  return true;
}

// A value of a kind that the protocol does not have here; of an unknown member any kind will do.
bool InferJsonReader::WrongKind() {
  switch (place()) {
    case Place::kStart:
      return Fail("the request must be a JSON object");
    case Place::kInputs:
    case Place::kOutputs:
      return Fail(R"("inputs" and "outputs" must be arrays of objects)");
    case Place::kShape:
      return FailInput(R"("shape" must be an array of integers)");
    case Place::kParameters:
      return Fail(
          fmt::format("parameter {} must be a string, a number or a boolean", Quoted(key_)));
    case Place::kRequest:
    case Place::kInput:
    case Place::kOutput:
      break;
  }
  const auto members = MembersOf(place() == Place::kRequest, place() == Place::kInput);
  const auto index = IndexOf(members, key_);
  if (!index) return true;
  return Fail(fmt::format("\"{}\" must be {}", members[*index].name, members[*index].kind));
}

bool InferJsonReader::Enter(Place place) {
  places_.push_back(place);
  return true;
}

bool InferJsonReader::PassOver() {
  if (places_.size() + ++passed_depth_ <= limits_.depth_max) return true;
  return Fail(fmt::format("the JSON is nested more than {} deep", limits_.depth_max));
}

bool InferJsonReader::StartObject() {
  if (passing()) return PassOver();
  if (in_data()) return FailInput(R"("data" takes numbers, booleans or strings, not objects)");
  switch (place()) {
    case Place::kStart:
      return Enter(Place::kRequest);
    case Place::kInputs:
      return EnterInput();
    case Place::kOutputs:
      return EnterOutput();
    case Place::kRequest:
    case Place::kInput:
    case Place::kOutput:
      if (key_ == "parameters") return Enter(Place::kParameters);
      return WrongKind() && PassOver();
    case Place::kShape:
    case Place::kParameters:
      return WrongKind();
  }
  return false;
}

bool InferJsonReader::EnterInput() {
  if (request_.inputs.size() >= limits_.tensors_max) {
    return Fail(fmt::format("a request has at most {} inputs", limits_.tensors_max));
  }
  tensor_seen_ = 0;
  const std::size_t index = request_.inputs.size();
  request_.inputs.emplace_back();
  if (index < known_.size()) {
    input().type = known_[index].type;
    input().has_type = known_[index].has_type;
  }
  return Enter(Place::kInput);
}

bool InferJsonReader::EnterOutput() {
  if (request_.outputs.size() >= limits_.tensors_max) {
    return Fail(fmt::format("a request asks for at most {} outputs", limits_.tensors_max));
  }
  tensor_seen_ = 0;
  request_.outputs.emplace_back();
  return Enter(Place::kOutput);
}

bool InferJsonReader::EndObject() {
  if (passing()) {
    --passed_depth_;
    return true;
  }
  if (place() == Place::kInput) tensor_bytes_ += input().data.size();
  places_.pop_back();
  return true;
}

bool InferJsonReader::StartArray() {
  if (passing()) return PassOver();
  if (in_data()) return EnterData();
  if (place() == Place::kRequest && key_ == "inputs") return Enter(Place::kInputs);
  if (place() == Place::kRequest && key_ == "outputs") return Enter(Place::kOutputs);
  if (place() == Place::kInput && key_ == "shape") {
    input().has_dims = true;
    return Enter(Place::kShape);
  }
  if (place() == Place::kInput && key_ == "data") return EnterData();
  return WrongKind() && PassOver();
}

bool InferJsonReader::EnterData() {
  if (++data_depth_ > limits_.depth_max) {
    return FailInput(fmt::format("\"data\" is nested more than {} deep", limits_.depth_max));
  }
  if (data_depth_ > 1) return true;
  JsonInput& tensor = input();
  tensor.has_data = true;
  if (!tensor.has_type) {
    deferred_ = true;
    return true;
  }
  if (tensor.type == base::ElementType::kFloat16) {
    return FailInput("FP16 has no JSON form; send it as binary data");
  }
  // An element takes two characters at least, so a lie in the shape reserves little.
  const std::size_t element = base::ElementBytes(tensor.type).value_or(0);
  const std::size_t count = base::ElementCount(tensor.dims).value_or(0);
  tensor.data.reserve(std::min(count, json_bytes_ / 2) * element);
  return true;
}

bool InferJsonReader::EndArray() {
  if (passing()) {
    --passed_depth_;
  } else if (in_data()) {
    --data_depth_;
  } else {
    places_.pop_back();
  }
  return true;
}

template <typename Append>
bool InferJsonReader::Element(const Append& append) {
  JsonInput& tensor = input();
  if (!tensor.has_type) return true;  // read again later
  if (!append(tensor.type, tensor.data)) {
    return FailInput(fmt::format("\"data\" holds a value that {} cannot",
                                 DatatypeName(tensor.type).value_or("its datatype")));
  }
  if (tensor_bytes_ + tensor.data.size() <= limits_.tensor_bytes_max) return true;
  return FailInput(
      fmt::format("the inputs take at most {} bytes together", limits_.tensor_bytes_max));
}

bool InferJsonReader::Null() {
  if (passing()) return true;
  if (in_data()) return FailInput(R"("data" must not hold null)");
  const bool absent = place() == Place::kRequest || place() == Place::kInput ||
                      place() == Place::kOutput || place() == Place::kParameters;
  return absent || WrongKind();
}

bool InferJsonReader::Bool(bool value) {
  if (!in_data()) return Value(value);
  return Element([&](auto type, auto& data) { return AppendBool(type, value, data); });
}

bool InferJsonReader::Signed(int64_t value) {
  if (!in_data()) return Value(value);
  return Element([&](auto type, auto& data) { return AppendSigned(type, value, data); });
}

bool InferJsonReader::Unsigned(uint64_t value) {
  if (in_data()) {
    return Element([&](auto type, auto& data) { return AppendUnsigned(type, value, data); });
  }
  const auto narrow = base::CheckedCast<int64_t>(value);
  return narrow ? Value(*narrow) : Value(value);
}

bool InferJsonReader::Real(double value, std::string_view text) {
  if (!in_data()) return Value(value);
  return Element([&](auto type, auto& data) { return AppendReal(type, value, text, data); });
}

bool InferJsonReader::Text(std::string& value) {
  if (!in_data()) return Value(std::move(value));
  return Element([&](auto type, auto& data) {
    if (type != base::ElementType::kString || value.size() > UINT32_MAX) return false;
    AppendStringElement(std::as_bytes(std::span(value)), data);
    return true;
  });
}

bool InferJsonReader::Value(Parameter value) {
  if (passing()) return true;
  switch (place()) {
    case Place::kRequest:
      return RequestValue(value);
    case Place::kInput:
      return InputValue(value);
    case Place::kOutput:
      return key_ == "name" ? Name(value, request_.outputs.back().name) : WrongKind();
    case Place::kShape:
      return Dimension(value);
    case Place::kParameters:
      return ParameterValue(std::move(value));
    case Place::kStart:
    case Place::kInputs:
    case Place::kOutputs:
      return WrongKind();
  }
  return false;
}

bool InferJsonReader::RequestValue(Parameter& value) {
  auto* const text = std::get_if<std::string>(&value);
  if (key_ != "id" || text == nullptr) return WrongKind();
  if (text->size() > limits_.text_bytes_max) {
    return Fail(fmt::format("\"id\" has at most {} bytes", limits_.text_bytes_max));
  }
  request_.id = std::move(*text);
  return true;
}

bool InferJsonReader::InputValue(Parameter& value) {
  if (key_ == "name") return Name(value, input().name);
  const auto* const text = std::get_if<std::string>(&value);
  if (key_ != "datatype" || text == nullptr) return WrongKind();
  const auto type = ParseDatatype(*text);
  if (!type) {
    error_ = UnknownDatatype(input().name, *text);
    return false;
  }
  input().type = *type;
  input().has_type = true;
  return true;
}

bool InferJsonReader::Name(Parameter& value, std::string& name) {
  auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return WrongKind();
  if (text->empty() || text->size() > limits_.name_bytes_max) {
    return Fail(fmt::format("the name of a tensor has 1 to {} bytes", limits_.name_bytes_max));
  }
  name = std::move(*text);
  return true;
}

bool InferJsonReader::Dimension(const Parameter& value) {
  const auto* const dim = std::get_if<int64_t>(&value);
  if (dim == nullptr) return WrongKind();
  if (input().dims.size() >= limits_.dims_max) {
    return FailInput(fmt::format("a shape has at most {} dimensions", limits_.dims_max));
  }
  input().dims.push_back(*dim);
  return true;
}

Parameters& InferJsonReader::parameters() {
  switch (places_[places_.size() - 2]) {
    case Place::kInput:
      return input().parameters;
    case Place::kOutput:
      return request_.outputs.back().parameters;
    default:
      return request_.parameters;
  }
}

bool InferJsonReader::ParameterValue(Parameter value) {
  if (parameters().size() >= limits_.parameters_max) {
    return Fail(fmt::format("at most {} parameters are taken", limits_.parameters_max));
  }
  const auto* const text = std::get_if<std::string>(&value);
  if (text != nullptr && text->size() > limits_.text_bytes_max) {
    return Fail(
        fmt::format("parameter {} has at most {} bytes", Quoted(key_), limits_.text_bytes_max));
  }
  if (parameters().emplace(key_, std::move(value)).second) return true;
  return Fail(fmt::format("parameter {} is there twice", Quoted(key_)));
}

}  // namespace bulkhead::openinference
