// SPDX-License-Identifier: Apache-2.0
#include "yolo/python_string.h"

#include <array>
#include <cstdint>
#include <optional>

namespace bulkhead::yolo {
namespace {

base::Error Wrong(std::string_view what) {
  return base::PublicError(base::Code::kInvalid, "not a Python literal: " + std::string(what));
}

unsigned Byte(char c) { return static_cast<unsigned char>(c); }

std::optional<uint32_t> ParseDigits(std::string_view digits, unsigned radix) {
  uint32_t value = 0;
  for (const char c : digits) {
    unsigned digit = 16;
    if (c >= '0' && c <= '9') digit = Byte(c) - '0';
    if (c >= 'a' && c <= 'f') digit = Byte(c) - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = Byte(c) - 'A' + 10;
    if (digit >= radix) return std::nullopt;
    value = value * radix + digit;
  }
  return value;
}

bool IsScalar(uint32_t point) { return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF); }

void AppendUtf8(uint32_t point, std::string& out) {
  const auto tail = [&](unsigned shift) {
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

// Bytes of the UTF-8 character at the start of `text`; 0 when there is none. Overlong forms,
// surrogates and points above U+10FFFF are none (Unicode standard, table 3-7).
std::size_t Utf8Length(std::string_view text) {
  const unsigned lead = Byte(text.front());
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (Byte(text[1]) < low || Byte(text[1]) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((Byte(text[i]) & 0xC0U) != 0x80) return 0;
  }
  return length;
}

// Appends what the escape after a backslash stands for and returns its length without the
// backslash.
base::Result<std::size_t> AppendEscape(std::string_view text, std::string& out) {
  constexpr std::string_view kLetters = "\\'\"abfnrtv";
  constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
  if (text.empty()) return Wrong("a backslash at the end");
  const char letter = text.front();
  if (const auto at = kLetters.find(letter); at != std::string_view::npos) {
    out += kMeanings[at];
    return std::size_t{1};
  }
  std::size_t begin = 1;
  std::size_t count = 0;
  unsigned radix = 16;
  if (letter == 'x') count = 2;
  if (letter == 'u') count = 4;
  if (letter == 'U') count = 8;
  if (letter >= '0' && letter <= '7') {
    begin = 0;
    radix = 8;
    while (count < 3 && count < text.size() && text[count] >= '0' && text[count] <= '7') ++count;
  }
  if (count == 0) return Wrong("an unknown escape");
  if (text.size() < begin + count) return Wrong("a cut escape");
  const auto point = ParseDigits(text.substr(begin, count), radix);
  if (!point) return Wrong("an escape without its digits");
  if (!IsScalar(*point)) return Wrong("an escape that is no character");
  AppendUtf8(*point, out);
  return begin + count;
}

void AppendHexEscape(unsigned byte, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\x";
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xFU];
}

}  // namespace

base::Result<PythonString> ParsePythonString(std::string_view text) {
  const char quote = text.front();
  PythonString string;
  std::size_t at = 1;
  while (at < text.size() && text[at] != quote) {
    if (text[at] == '\n' || text[at] == '\r') return Wrong("a line break within a string");
    if (text[at] == '\\') {
      BH_ASSIGN(const std::size_t length, AppendEscape(text.substr(at + 1), string.text));
      at += 1 + length;
      continue;
    }
    const std::size_t length = Utf8Length(text.substr(at));
    if (length == 0) return Wrong("a string that is not UTF-8");
    string.text.append(text, at, length);
    at += length;
  }
  if (at >= text.size()) return Wrong("a string without its closing quote");
  string.length = at + 1;
  return string;
}

void AppendPythonString(std::string_view text, std::string& out) {
  const bool doubled =
      text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = doubled ? '"' : '\'';
  out += quote;
  for (const char c : text) {
    if (c == '\\' || c == quote) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (Byte(c) < 0x20 || Byte(c) == 0x7F) {
      AppendHexEscape(Byte(c), out);
    } else {
      out += c;
    }
  }
  out += quote;
}

}  // namespace bulkhead::yolo
