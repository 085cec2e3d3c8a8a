// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::gateway {

// The text of the key that a request carries: `X-API-Key: KEY`, `Authorization: Bearer KEY`, or
// Basic with the key as the password (RFC 7617). nullopt: none, one that cannot be read, or two
// that differ.
std::optional<std::string> KeyTextOf(std::optional<std::string_view> authorization,
                                     std::optional<std::string_view> api_key);

}  // namespace bulkhead::gateway
