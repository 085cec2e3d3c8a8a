// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::telemetry {

// Where something over plain HTTP is.
struct HttpPlace {
  std::string host;  // a name or an address; of IPv6 without brackets
  uint16_t port = 80;
  std::string path;  // with the query; as it was written, so perhaps empty

  // "host:9400", "[::1]:9400": for people, and for the field Host.
  [[nodiscard]] std::string Authority() const;
};

// "http://HOST[:PORT][/PATH]". Errors begin with `name`, which is what the text was given as.
//
// kInvalid: it is none. kUnsupported: https://, with what to do instead.
base::Result<HttpPlace> ParseHttpPlace(const std::string& name, std::string_view text);

}  // namespace bulkhead::telemetry
