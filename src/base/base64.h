// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::base {

// Base 64 of RFC 4648, section 4, with padding.
[[nodiscard]] std::string Base64(std::span<const std::byte> bytes);

// The bytes of a text as Base64 writes it; nullopt: any other text, unused bits that are set
// included, so that no two texts stand for the same bytes.
[[nodiscard]] std::optional<std::vector<std::byte>> ParseBase64(std::string_view text);

}  // namespace bulkhead::base
