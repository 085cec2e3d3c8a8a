// SPDX-License-Identifier: Apache-2.0
#include "http/request_target.h"

#include <algorithm>

#include "base/utf8.h"
#include "http/message.h"

namespace bulkhead::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Without "http://host"; empty when nothing but a host is there.
std::string_view WithoutAuthority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualIgnoringCase(target.substr(0, scheme.size()), scheme)) continue;
    const auto begin = target.find_first_of("/?", scheme.size());
    return begin == std::string_view::npos ? std::string_view() : target.substr(begin);
  }
  return target;
}

bool DecodePath(std::string_view encoded, std::string& path) {
  path.clear();
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      path.push_back(encoded[i]);
      continue;
    }
    if (encoded.size() - i < 3) return false;
    const int high = HexDigit(encoded[i + 1]);
    const int low = HexDigit(encoded[i + 2]);
    if (high < 0 || low < 0) return false;
    const int byte = high * 16 + low;
    if (byte < 0x20 || byte == 0x7f || byte == '/') return false;
    path.push_back(static_cast<char>(byte));
    i += 2;
  }
  return true;
}

// "/v2" of "/v2/..."; empty for anything that is not letters and digits.
std::string_view FirstSegment(std::string_view target) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (!target.starts_with('/')) return {};
  const auto end = std::find_if_not(target.begin() + 1, target.end(), plain);
  if (end == target.end() || *end != '/') return {};
  return {target.begin(), end};
}

bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // its '/'
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

}  // namespace

std::optional<Refusal> SplitTarget(std::string_view target, std::string& path, std::string& query) {
  path.clear();
  const std::string_view local = WithoutAuthority(target);
  const auto mark = local.find('?');
  query = mark == std::string_view::npos ? std::string_view() : local.substr(mark + 1);
  const bool decoded = local.find('#') == std::string_view::npos && local.starts_with('/') &&
                       DecodePath(local.substr(0, mark), path) && base::IsUtf8(path) &&
                       !HasDotSegment(path);
  if (decoded) return std::nullopt;
  path = FirstSegment(local);
  query.clear();
  return Refusal{.status = 400, .message = "The request target is not a plain path."};
}

}  // namespace bulkhead::http
