// SPDX-License-Identifier: Apache-2.0
#include "telemetry/http_place.h"

#include <algorithm>
#include <charconv>

namespace bulkhead::telemetry {
namespace {

using base::Code;

constexpr std::string_view kHttp = "http://";

base::Error Wrong(const std::string& name, std::string_view what) {
  return base::OperatorError(Code::kInvalid, name + ": " + std::string(what));
}

base::Status ReadPort(const std::string& name, std::string_view text, uint16_t& port) {
  uint16_t value = 0;
  const auto [end, failed] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (text[0] != ':' || failed != std::errc() || end != text.data() + text.size() || value == 0) {
    return Wrong(name, "the port must be a number from 1 to 65535");
  }
  port = value;
  return base::Ok();
}

base::Status ReadAuthority(const std::string& name, std::string_view authority, HttpPlace& place) {
  if (authority.find('@') != std::string_view::npos) {
    return Wrong(name, "may not hold a user or a password");
  }
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) return Wrong(name, "the address has no ']'");
  place.host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  const std::string_view rest = authority.substr(host_end + (bracketed ? 1 : 0));
  if (place.host.empty()) return Wrong(name, "names no host");
  return rest.empty() ? base::Ok() : ReadPort(name, rest, place.port);
}

}  // namespace

std::string HttpPlace::Authority() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<HttpPlace> ParseHttpPlace(const std::string& name, std::string_view text) {
  if (text.starts_with("https://")) {
    return base::OperatorError(
        Code::kUnsupported,
        name +
            ": https:// is not supported; go over http:// to what is near by, which can speak TLS "
            "to the rest of the world");
  }
  if (!text.starts_with(kHttp)) return Wrong(name, "must begin with http://");
  text.remove_prefix(kHttp.size());
  // Such a byte would end the request line.
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c == '\x7f' || c == '#'; })) {
    return Wrong(name, "holds a character that no URL may");
  }
  const std::size_t path = std::min(text.find('/'), text.size());
  HttpPlace place;
  BH_TRY(ReadAuthority(name, text.substr(0, path), place));
  place.path = text.substr(path);
  return place;
}

}  // namespace bulkhead::telemetry
