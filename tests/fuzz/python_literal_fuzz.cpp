// SPDX-License-Identifier: Apache-2.0
// Any text: parsing ends, and what parses keeps its value through format and parse.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "yolo/python_literal.h"

using bulkhead::yolo::FormatPythonLiteral;
using bulkhead::yolo::ParsePythonLiteral;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = ParsePythonLiteral(text);
  if (!first.ok()) return 0;
  const std::string written = FormatPythonLiteral(first.value());
  const auto second = ParsePythonLiteral(written, {.bytes = 8 * size + 64});
  BH_CHECK(second.ok());
  // Compared as text, since a NaN does not equal itself.
  BH_CHECK(FormatPythonLiteral(second.value()) == written);
  return 0;
}
