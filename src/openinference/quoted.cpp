// SPDX-License-Identifier: Apache-2.0
#include "openinference/quoted.h"

#include <cstddef>

#include "base/utf8.h"

namespace bulkhead::openinference {
namespace {

constexpr std::size_t kQuotedBytesMax = 64;

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

// U+2028 and U+2029 end a line too.
bool EndsLine(uint32_t point) { return point == 0x2028 || point == 0x2029; }

}  // namespace

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  while (!text.empty()) {
    const base::Utf8Character character = base::FirstUtf8(text);
    const std::size_t length = character.length == 0 ? 1 : character.length;
    if (quoted.size() + length > kQuotedBytesMax) {
      quoted += "...";
      break;
    }
    const bool plain =
        character.length > 0 && !IsControl(character.point) && !EndsLine(character.point);
    quoted += plain ? text.substr(0, length) : std::string_view("?");
    text.remove_prefix(length);
  }
  return quoted += '\'';
}

}  // namespace bulkhead::openinference
