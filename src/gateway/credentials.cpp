// SPDX-License-Identifier: Apache-2.0
#include "gateway/credentials.h"

#include <cstdint>

#include "http/message.h"

namespace bulkhead::gateway {
namespace {

// More than any key needs, with a user's name before it.
constexpr std::size_t kBasicBytesMax = 512;

std::optional<uint32_t> Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0' + 52);
  if (c == '+') return 62U;
  if (c == '/') return 63U;
  return std::nullopt;
}

// RFC 4648, section 4; padding may be missing.
std::optional<std::string> DecodeBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string decoded;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = Base64Digit(c);
    if (!digit) return std::nullopt;
    bits = bits << 6 | *digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded += static_cast<char>(bits >> count & 0xff);
    }
  }
  return decoded;
}

// gRPC's metadata come with the whitespace around a value (perf_analyzer sends "name: value" as it
// was typed); a server may strip it (gRPC over HTTP/2, "ASCII-Value"). HTTP's came without.
std::string_view Trimmed(std::string_view value) {
  const std::size_t begin = value.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(" \t") + 1 - begin);
}

std::optional<std::string> KeyInAuthorization(std::string_view header) {
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = header.substr(0, space);
  std::string_view rest = header.substr(space + 1);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (http::EqualIgnoringCase(scheme, "bearer")) return std::string(rest);
  if (!http::EqualIgnoringCase(scheme, "basic") || rest.size() > kBasicBytesMax)
    return std::nullopt;
  const auto pair = DecodeBase64(rest);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

}  // namespace

std::optional<std::string> KeyTextOf(std::optional<std::string_view> authorization,
                                     std::optional<std::string_view> api_key) {
  if (api_key) api_key = Trimmed(*api_key);
  if (!authorization) return api_key ? std::optional<std::string>(*api_key) : std::nullopt;
  std::optional<std::string> key = KeyInAuthorization(Trimmed(*authorization));
  if (api_key && key != *api_key) return std::nullopt;
  return key;
}

}  // namespace bulkhead::gateway
