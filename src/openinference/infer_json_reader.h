// SPDX-License-Identifier: Apache-2.0
// Follows the values of an inference request's JSON as a parser meets them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "openinference/infer_json.h"

namespace bulkhead::openinference {

// Each function is one event of the parser; false stops it, and error() says why.
class InferJsonReader {
 public:
  // `known`: the inputs of an earlier reading of the same text, whose datatypes are then known
  // before their data.
  InferJsonReader(const InferLimits& limits, std::size_t json_bytes,
                  std::span<const JsonInput> known);

  bool Null();
  bool Bool(bool value);
  bool Signed(int64_t value);
  bool Unsigned(uint64_t value);
  bool Real(double value, std::string_view text);
  bool Text(std::string& value);
  bool StartObject();
  bool Key(const std::string& name);
  bool EndObject();
  bool StartArray();
  bool EndArray();
  bool NotJson(std::size_t position);

  // Whether data stood before its datatype and was passed over: read again, with the inputs known.
  [[nodiscard]] bool deferred() const { return deferred_; }
  [[nodiscard]] const base::Error& error() const { return error_; }
  [[nodiscard]] JsonRequest Take() && { return std::move(request_); }

 private:
  enum class Place { kStart, kRequest, kInputs, kInput, kShape, kOutputs, kOutput, kParameters };

  [[nodiscard]] Place place() const { return places_.back(); }
  [[nodiscard]] bool passing() const { return passed_depth_ > 0; }
  [[nodiscard]] bool in_data() const { return data_depth_ > 0; }
  [[nodiscard]] JsonInput& input() { return request_.inputs.back(); }
  [[nodiscard]] Parameters& parameters();
  uint32_t& seen();

  bool Fail(std::string message);
  bool FailInput(std::string_view message);
  bool WrongKind();
  bool Enter(Place place);
  bool EnterData();
  bool PassOver();
  bool EnterInput();
  bool EnterOutput();
  bool EndInput();
  bool Value(Parameter value);
  bool RequestValue(Parameter& value);
  bool InputValue(Parameter& value);
  bool OutputValue(Parameter& value);
  bool ParameterValue(Parameter value);
  bool Dimension(const Parameter& value);
  bool Name(Parameter& value, std::string& name);
  template <typename Append>
  bool Element(const Append& append);

  InferLimits limits_;
  std::size_t json_bytes_;
  std::span<const JsonInput> known_;
  JsonRequest request_;
  std::vector<Place> places_{Place::kStart};
  std::string key_;
  uint32_t request_seen_ = 0;     // bits: members that were there
  uint32_t tensor_seen_ = 0;      // of the input or output that is open
  std::size_t data_depth_ = 0;    // arrays of "data" that are open
  std::size_t passed_depth_ = 0;  // arrays and objects that are open and passed over
  std::size_t tensor_bytes_ = 0;  // of the inputs that are complete
  bool deferred_ = false;
  base::Error error_;
};

}  // namespace bulkhead::openinference
