// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::base {

struct Utf8Character {
  uint32_t point = 0;
  std::size_t length = 0;  // bytes; 0 when the text does not begin with a character
};

// The character at the start of `text`. Overlong forms, surrogates and points above U+10FFFF are
// none (Unicode standard, table 3-7).
Utf8Character FirstUtf8(std::string_view text);

// Whether a text is nothing but characters. An empty one is.
bool IsUtf8(std::string_view text);

// Whether a number is a character: up to U+10FFFF, and no surrogate.
constexpr bool IsUnicodeScalar(uint32_t point) {
  return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

// Appends a character; its number must be a scalar.
void AppendUtf8(uint32_t point, std::string& out);

}  // namespace bulkhead::base
