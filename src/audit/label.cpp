// SPDX-License-Identifier: Apache-2.0
#include "audit/label.h"

#include <algorithm>
#include <array>

namespace bulkhead::audit {
namespace {

constexpr std::string_view kWithheld = "[withheld]";
constexpr std::string_view kCut = "…";

// What credentials begin with: ours (tenant/api_key.h), tokens and their headers, PEM, Vault's.
constexpr std::array<std::string_view, 8> kSecretStarts = {
    "bh_live_", "eyJ", "Bearer ", "bearer ", "Basic ", "-----BEGIN", "hvs.", "hvb."};

// Longer than any digest or id that is written here (64 digits of a SHA-256).
constexpr std::size_t kRunMax = 90;

bool IsBase64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=';
}

bool HoldsLongRun(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text) {
    run = IsBase64(c) ? run + 1 : 0;
    if (run > kRunMax) return true;
  }
  return false;
}

bool LooksSecret(std::string_view text) {
  return HoldsLongRun(text) || std::ranges::any_of(kSecretStarts, [&](std::string_view start) {
           return text.find(start) != std::string_view::npos;
         });
}

// Not within a character.
std::string_view CutTo(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

Label::Label(std::string_view text) {
  if (LooksSecret(text)) {
    text_ = kWithheld;
  } else if (text.size() <= kLabelBytesMax) {
    text_ = text;
  } else {
    text_ = std::string(CutTo(text, kLabelBytesMax - kCut.size())) + std::string(kCut);
  }
}

}  // namespace bulkhead::audit
