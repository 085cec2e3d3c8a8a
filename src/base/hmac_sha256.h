// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/sha256.h"

namespace bulkhead::base {

// HMAC (RFC 2104) with SHA-256. A key of any length; 32 random bytes are the usual one.
[[nodiscard]] Sha256Digest HmacSha256(std::span<const std::byte> key,
                                      std::span<const std::byte> bytes);

// Whether both are the same, in a time that depends on their sizes alone.
[[nodiscard]] bool ConstantTimeEqual(std::span<const std::byte> a, std::span<const std::byte> b);

}  // namespace bulkhead::base
