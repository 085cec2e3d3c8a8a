// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli; RFC 3720, appendix B.4): finds damage, not intent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bulkhead::base {

// Of `bytes`, or, given the checksum of what came before, of both together.
uint32_t Crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

// The same without the processor's instruction for it.
uint32_t Crc32cPortable(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace bulkhead::base
