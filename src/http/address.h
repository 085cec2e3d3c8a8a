// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::http {

// Where a server listens.
struct Address {
  std::string host;  // an IP address; empty: all
  uint16_t port = 0;
};

// ":8000", "127.0.0.1:8000", "[::1]:8000". Whether the host is an address is seen when it is used.
// kInvalid, with what is expected.
base::Result<Address> ParseAddress(std::string_view text);

}  // namespace bulkhead::http
