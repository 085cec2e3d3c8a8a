// SPDX-License-Identifier: Apache-2.0
// The string literals within Python literals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::yolo {

struct PythonString {
  std::string text;        // UTF-8
  std::size_t length = 0;  // bytes of the literal, both quotes included
};

// Reads the string literal at the start of `text`, which begins with ' or ". Escapes are those of
// the Python language reference, section 2.4.1.1, except \N{...}.
//
// kInvalid: no closing quote, a raw line break, an unknown or cut escape, a code point that UTF-8
// cannot hold, or bytes that are not UTF-8.
base::Result<PythonString> ParsePythonString(std::string_view text);

// Appends the literal of a UTF-8 text: in ' unless it holds ' and no ", controls escaped.
void AppendPythonString(std::string_view text, std::string& out);

}  // namespace bulkhead::yolo
