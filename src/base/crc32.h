// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace bulkhead::base {

// The CRC-32 of zlib, PNG and Ethernet (ISO/IEC 3309: polynomial 0x04C11DB7, reflected, all ones at
// both ends). It finds typing errors; against purpose it is nothing.
[[nodiscard]] uint32_t Crc32(std::string_view bytes);

}  // namespace bulkhead::base
