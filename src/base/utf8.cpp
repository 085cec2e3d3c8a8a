// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include "base/check.h"

namespace bulkhead::base {
namespace {

uint32_t Byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

Utf8Character FirstUtf8(std::string_view text) {
  if (text.empty()) return {};
  const uint32_t lead = Byte(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  uint32_t low = 0x80;
  uint32_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (Byte(text[1]) < low || Byte(text[1]) > high) return {};
  uint32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((Byte(text[i]) & 0xC0U) != 0x80) return {};
    point = (point << 6U) | (Byte(text[i]) & 0x3FU);
  }
  return {point, length};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = FirstUtf8(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void AppendUtf8(uint32_t point, std::string& out) {
  BH_CHECK(IsUnicodeScalar(point));
  const auto tail = [&](uint32_t shift) {
    out += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace bulkhead::base
