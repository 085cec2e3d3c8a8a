// SPDX-License-Identifier: Apache-2.0
// Text of the 62 characters [0-9A-Za-z], valued in this order: a word to select with two clicks, in
// no need of escaping anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bulkhead::base {

// Whether every character is one of the 62. An empty text is.
[[nodiscard]] bool IsBase62(std::string_view text);

// `count` characters, all equally likely where the bytes are: a byte of 248 and above is passed
// over, since 62 does not divide 256. Of 2 * count random bytes, for count of 16 and more, too few
// remain less than once in 10^16 times; nullopt: too few remained.
[[nodiscard]] std::optional<std::string> RandomBase62(std::span<const std::byte> random,
                                                      std::size_t count);

// The number in so many digits, most significant first; what does not fit is cut off the front.
[[nodiscard]] std::string FixedBase62(uint64_t number, std::size_t digits);

}  // namespace bulkhead::base
