// SPDX-License-Identifier: Apache-2.0
// JSON as bytes, one value after the other (RFC 8259), without spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::base {

// The calls must make one JSON value: the writer adds commas and nothing else.
class JsonWriter {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  void Key(std::string_view name);

  // What is not UTF-8 is written as U+FFFD.
  void Text(std::string_view value);
  void Bool(bool value);
  void Signed(int64_t value);
  void Unsigned(uint64_t value);
  // The shortest text that reads back as the same number. JSON has no infinity and no NaN: null, as
  // JavaScript's JSON.stringify does. (Triton writes NaN and Infinity, which is not JSON.)
  void Real(float value);
  void Real(double value);

  void Reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  [[nodiscard]] std::vector<std::byte> Take() && { return std::move(bytes_); }

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();
  void Append(std::string_view text);
  template <typename Number>
  void AppendNumber(Number value);

  std::vector<std::byte> bytes_;
  bool first_ = true;  // no comma before the next value
};

}  // namespace bulkhead::base
