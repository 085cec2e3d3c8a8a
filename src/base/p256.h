// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace bulkhead::base {

// Coordinates of a point of the curve P-256 (FIPS 186-4), or a signature's two numbers: 32 bytes
// each, big endian.
using P256Number = std::array<std::byte, 32>;

// Whether (r, s) is an ECDSA signature of the message's SHA-256 under the key (x, y). False as
// well: the key is no point of the curve.
[[nodiscard]] bool VerifyP256(const P256Number& x, const P256Number& y,
                              std::span<const std::byte> message, const P256Number& r,
                              const P256Number& s);

}  // namespace bulkhead::base
