// SPDX-License-Identifier: Apache-2.0
// Which bytes may stand where in a header line.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bulkhead::http {

// RFC 9110 section 5.6.2: of a token, as methods and names of headers are.
constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<uint8_t>(c)] = true;
  return table;
}();

// RFC 9110 section 5.5: of a header's value; tab, space, visible ASCII and obs-text.
constexpr std::array<bool, 256> kValueBytes = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0x20; c <= 0xff; ++c) table[c] = c != 0x7f;
  table['\t'] = true;
  return table;
}();

}  // namespace bulkhead::http
