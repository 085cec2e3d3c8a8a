// SPDX-License-Identifier: Apache-2.0
#include "http/query.h"

#include <optional>
#include <utility>

namespace bulkhead::http {
namespace {

constexpr std::size_t kFieldsMax = 32;

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

base::Result<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? HexDigit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? HexDigit(text[i + 2]) : std::nullopt;
    if (!high || !low) {
      return base::PublicError(base::Code::kInvalid,
                               "the query has a % without two hexadecimal digits after it");
    }
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

}  // namespace

base::Result<std::map<std::string, std::string>> ParseQuery(std::string_view query) {
  std::map<std::string, std::string> fields;
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(field.size() == query.size() ? field.size() : field.size() + 1);
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    BH_ASSIGN(std::string name, Decode(field.substr(0, equals)));
    std::string value;
    if (equals != std::string_view::npos) {
      BH_ASSIGN(value, Decode(field.substr(equals + 1)));
    }
    if (fields.size() == kFieldsMax) {
      return base::PublicError(base::Code::kInvalid, "the query has more than 32 fields");
    }
    if (!fields.emplace(std::move(name), std::move(value)).second) {
      return base::PublicError(base::Code::kInvalid, "a field of the query comes twice");
    }
  }
  return fields;
}

}  // namespace bulkhead::http
