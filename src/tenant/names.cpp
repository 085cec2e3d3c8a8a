// SPDX-License-Identifier: Apache-2.0
#include "tenant/names.h"

#include <algorithm>
#include <cstdint>

#include "base/base62.h"
#include "base/utf8.h"

namespace bulkhead::tenant {
namespace {

constexpr std::size_t kIdChars = 16;
constexpr std::size_t kTenantNameChars = 40;
constexpr std::size_t kModelNameChars = 63;
constexpr std::size_t kLabelChars = 80;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Lower-case letters, digits and `others`, of which it does not begin with any.
bool IsName(std::string_view text, std::size_t chars_max, std::string_view others) {
  return !text.empty() && text.size() <= chars_max && IsLowerOrDigit(text.front()) &&
         std::ranges::all_of(text, [others](char c) {
           return IsLowerOrDigit(c) || others.find(c) != std::string_view::npos;
         });
}

// Controls, line and paragraph separators, and what turns the direction of the text around it.
bool IsPrintable(uint32_t point) {
  return point >= 0x20 && (point < 0x7F || point > 0x9F) && (point < 0x2028 || point > 0x202E) &&
         (point < 0x2066 || point > 0x2069);
}

}  // namespace

bool IsTenantName(std::string_view text) { return IsName(text, kTenantNameChars, "-"); }

bool IsModelName(std::string_view text) {
  return IsName(text, kModelNameChars, "._-") && text != "stats" && !text.ends_with(".detect");
}

bool IsKeyLabel(std::string_view text) {
  for (std::size_t chars = 0; !text.empty(); ++chars) {
    const base::Utf8Character character = base::FirstUtf8(text);
    if (character.length == 0 || chars == kLabelChars || !IsPrintable(character.point)) {
      return false;
    }
    text.remove_prefix(character.length);
  }
  return true;
}

bool IsIdText(std::string_view text) { return text.size() == kIdChars && base::IsBase62(text); }

base::Status CheckTenantName(std::string_view text) {
  if (IsTenantName(text)) return base::Ok();
  return base::PublicError(
      base::Code::kInvalid,
      "a tenant's name has 1 to 40 of a-z, 0-9 and -, and begins with a letter or digit");
}

base::Status CheckModelName(std::string_view text) {
  if (IsModelName(text)) return base::Ok();
  return base::PublicError(
      base::Code::kInvalid,
      "a model's name has 1 to 63 of a-z, 0-9, '.', '_' and '-', begins with a "
      "letter or digit, is not \"stats\" and does not end in \".detect\"");
}

base::Status CheckKeyLabel(std::string_view text) {
  if (IsKeyLabel(text)) return base::Ok();
  return base::PublicError(base::Code::kInvalid,
                           "a key's label has at most 80 printable characters in UTF-8");
}

}  // namespace bulkhead::tenant
