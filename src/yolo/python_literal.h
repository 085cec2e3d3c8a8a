// SPDX-License-Identifier: Apache-2.0
// Python literals as str() and repr() write them: the form in which exporters store metadata.
//
// Only values are read, nothing is evaluated: a name, a call, an f-string, a concatenation or a
// comprehension is an error like any other wrong byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace bulkhead::yolo {

// One value. The alternatives are None, True or False, int, float, str, list, tuple and dict; a
// dict keeps its entries in order, and may repeat a key as written (the last one counts).
struct PythonLiteral {
  struct List {
    std::vector<PythonLiteral> items;
  };
  struct Tuple {
    std::vector<PythonLiteral> items;
  };
  struct Dict {
    std::vector<std::pair<PythonLiteral, PythonLiteral>> entries;
  };
  using Value = std::variant<std::monostate, bool, int64_t, double, std::string, List, Tuple, Dict>;

  Value value;

  // The alternative, or nullptr when the value is another.
  template <typename T>
  [[nodiscard]] const T* As() const {
    return std::get_if<T>(&value);
  }

  // The items of a list or tuple, or nullptr.
  [[nodiscard]] const std::vector<PythonLiteral>* Sequence() const;

  // The value of a dict's key, or nullptr when this is no dict or it has no such key.
  [[nodiscard]] const PythonLiteral* Find(std::string_view key) const;
};

struct PythonLiteralLimits {
  std::size_t bytes = std::size_t{4} << 20;
  std::size_t elements = std::size_t{1} << 18;  // values in all containers together
  int depth = 8;                                // containers within containers
};

// Parses one literal; spaces and line breaks around tokens are skipped.
//
// kInvalid: not a literal (the message names the offset), an integer that does not fit 64 bits, a
// float that does not fit a double, text that is not UTF-8, or a \N escape or lone surrogate.
// kExhausted: over a limit.
// Time and memory are linear in the text.
base::Result<PythonLiteral> ParsePythonLiteral(std::string_view text,
                                               const PythonLiteralLimits& limits = {});

// The literal as repr() would write it, except that characters beyond ASCII stay as they are.
// Parsing the result gives the same value.
std::string FormatPythonLiteral(const PythonLiteral& literal);

}  // namespace bulkhead::yolo
