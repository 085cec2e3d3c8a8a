// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "base/utf8.h"

namespace bulkhead::base {
namespace {

// The longest double takes 24 characters, the longest integer 20.
constexpr std::size_t kNumberCharactersMax = 32;

constexpr std::string_view kHexDigits = "0123456789abcdef";

// What is written as it is and needs no look at its UTF-8: nearly all of most texts.
std::string_view PlainStart(std::string_view text) {
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return c >= 0x20 && c <= 0x7E && c != '"' && c != '\\'; });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

void JsonWriter::Append(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void JsonWriter::Separate() {
  if (!first_) bytes_.push_back(std::byte{','});
  first_ = false;
}

void JsonWriter::Open(char bracket) {
  Separate();
  bytes_.push_back(static_cast<std::byte>(bracket));
  first_ = true;
}

void JsonWriter::Close(char bracket) {
  bytes_.push_back(static_cast<std::byte>(bracket));
  first_ = false;
}

void JsonWriter::Key(std::string_view name) {
  Text(name);
  bytes_.push_back(std::byte{':'});
  first_ = true;
}

void JsonWriter::Text(std::string_view value) {
  Separate();
  bytes_.push_back(std::byte{'"'});
  for (;;) {
    const std::string_view plain = PlainStart(value);
    Append(plain);
    value.remove_prefix(plain.size());
    if (value.empty()) break;
    const Utf8Character character = FirstUtf8(value);
    if (character.length == 0) {
      Append("\uFFFD");
    } else if (character.point == '"' || character.point == '\\') {
      bytes_.push_back(std::byte{'\\'});
      Append(value.substr(0, 1));
    } else if (character.point < 0x20) {
      Append("\\u00");
      Append(kHexDigits.substr(character.point >> 4, 1));
      Append(kHexDigits.substr(character.point & 0xF, 1));
    } else {
      Append(value.substr(0, character.length));
    }
    value.remove_prefix(character.length == 0 ? 1 : character.length);
  }
  bytes_.push_back(std::byte{'"'});
}

void JsonWriter::Bool(bool value) {
  Separate();
  Append(value ? "true" : "false");
}

template <typename Number>
void JsonWriter::AppendNumber(Number value) {
  Separate();
  std::array<char, kNumberCharactersMax> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  Append({text.data(), static_cast<std::size_t>(end - text.data())});
}

void JsonWriter::Signed(int64_t value) { AppendNumber(value); }

void JsonWriter::Unsigned(uint64_t value) { AppendNumber(value); }

void JsonWriter::Real(float value) {
  if (std::isfinite(value)) return AppendNumber(value);
  Separate();
  Append("null");
}

void JsonWriter::Real(double value) {
  if (std::isfinite(value)) return AppendNumber(value);
  Separate();
  Append("null");
}

}  // namespace bulkhead::base
