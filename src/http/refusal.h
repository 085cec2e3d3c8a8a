// SPDX-License-Identifier: Apache-2.0
// Why the server itself answers a request, as a value.
#pragma once

#include <string_view>

namespace bulkhead::http {

struct Refusal {
  int status = 400;
  std::string_view message;  // a literal; the client may read it
};

// "Bad Request" for 400; empty for a code that has no name of its own here.
[[nodiscard]] std::string_view ReasonPhrase(int status);

}  // namespace bulkhead::http
