// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::base {

// Two digits of [0-9a-f] per byte.
[[nodiscard]] std::string Hex(std::span<const std::byte> bytes);

// The bytes of a text as Hex writes it; nullopt: an odd length or any other character, capital
// letters included.
[[nodiscard]] std::optional<std::vector<std::byte>> ParseHex(std::string_view text);

}  // namespace bulkhead::base
