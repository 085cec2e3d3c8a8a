// SPDX-License-Identifier: Apache-2.0
#include "http/address.h"

#include <charconv>

namespace bulkhead::http {

base::Result<Address> ParseAddress(std::string_view text) {
  const base::Error bad = base::OperatorError(
      base::Code::kInvalid,
      std::string(text) + " is no [ADDRESS]:PORT, as :8000, 127.0.0.1:8000 or [::1]:8000 are");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad;
  const std::string_view port_text = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return bad;
  Address address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), address.port);
  if (error != std::errc{} || end != port_text.data() + port_text.size()) return bad;
  return address;
}

}  // namespace bulkhead::http
