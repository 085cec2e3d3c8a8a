// SPDX-License-Identifier: Apache-2.0
#include "openinference/infer_json.h"

#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "openinference/infer_json_reader.h"

namespace bulkhead::openinference {
namespace {

// What nlohmann's parser calls; the exceptions it hands over are never thrown.
class SaxAdapter {
 public:
  explicit SaxAdapter(InferJsonReader& reader) : reader_(reader) {}

  bool null() { return reader_.Null(); }
  bool boolean(bool value) { return reader_.Bool(value); }
  bool number_integer(int64_t value) { return reader_.Signed(value); }
  bool number_unsigned(uint64_t value) { return reader_.Unsigned(value); }
  bool number_float(double value, const std::string& text) { return reader_.Real(value, text); }
  bool string(std::string& value) { return reader_.Text(value); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }  // not of JSON
  bool start_object(std::size_t /*size*/) { return reader_.StartObject(); }
  bool key(std::string& name) { return reader_.Key(name); }
  bool end_object() { return reader_.EndObject(); }
  bool start_array(std::size_t /*size*/) { return reader_.StartArray(); }
  bool end_array() { return reader_.EndArray(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) {
    return reader_.NotJson(position);
  }

 private:
  InferJsonReader& reader_;
};

base::Status Read(std::span<const std::byte> json, InferJsonReader& reader) {
  const auto* const text = reinterpret_cast<const char*>(json.data());
  SaxAdapter adapter(reader);
  if (nlohmann::json::sax_parse(text, text + json.size(), &adapter)) return base::Ok();
  return reader.error();
}

}  // namespace

base::Result<JsonRequest> ReadInferJson(std::span<const std::byte> json,
                                        const InferLimits& limits) {
  InferJsonReader reader(limits, json.size(), {});
  BH_TRY(Read(json, reader));
  if (!reader.deferred()) return std::move(reader).Take();
  const JsonRequest first = std::move(reader).Take();
  InferJsonReader again(limits, json.size(), first.inputs);
  BH_TRY(Read(json, again));
  return std::move(again).Take();
}

}  // namespace bulkhead::openinference
