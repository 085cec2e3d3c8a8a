// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace bulkhead::base {

// HKDF-Expand (RFC 5869, section 2.3) with SHA-384: fills `out`, at most 255 x 48 bytes, from a key
// that is random already.
void HkdfExpandSha384(std::span<const std::byte> key, std::span<const std::byte> info,
                      std::span<std::byte> out);

}  // namespace bulkhead::base
