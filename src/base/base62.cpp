// SPDX-License-Identifier: Apache-2.0
#include "base/base62.h"

#include <algorithm>

namespace bulkhead::base {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(kDigits.size() == 62);

}  // namespace

bool IsBase62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

std::optional<std::string> RandomBase62(std::span<const std::byte> random, std::size_t count) {
  constexpr unsigned kWhole = 256 / 62 * 62;
  std::string text;
  text.reserve(count);
  for (const std::byte byte : random) {
    if (text.size() == count) break;
    const auto value = std::to_integer<unsigned>(byte);
    if (value < kWhole) text.push_back(kDigits[value % 62]);
  }
  if (text.size() < count) return std::nullopt;
  return text;
}

std::string FixedBase62(uint64_t number, std::size_t digits) {
  std::string text(digits, kDigits[0]);
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = kDigits[number % 62];
    number /= 62;
  }
  return text;
}

}  // namespace bulkhead::base
