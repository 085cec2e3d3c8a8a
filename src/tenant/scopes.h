// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tenant/records.h"

namespace bulkhead::tenant {

[[nodiscard]] constexpr bool Allows(Scopes scopes, Scope scope) {
  return (scopes & static_cast<Scopes>(scope)) != 0;
}

// "infer", "read" and "manage", in this order, with commas between: "infer,read".
[[nodiscard]] std::string FormatScopes(Scopes scopes);

// The same names in any order, at least one, each once. kInvalid: anything else; the message names
// those that there are.
[[nodiscard]] base::Result<Scopes> ParseScopes(std::string_view text);

}  // namespace bulkhead::tenant
