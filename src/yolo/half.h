// SPDX-License-Identifier: Apache-2.0
// IEEE 754 binary16 for networks that take it.
#pragma once

#include <bit>
#include <cstdint>

namespace bulkhead::yolo {

// The bits of the binary16 number nearest to `value`, ties to even; overflow gives infinity,
// results below the smallest normal number are denormal, a NaN stays a (quiet) NaN.
[[nodiscard]] constexpr uint16_t HalfFromFloat(float value) {
  constexpr uint32_t kSignBit = 0x8000'0000U;
  constexpr uint32_t kInfinity = 0x7F80'0000U;
  constexpr uint32_t kSmallestOverflow = 0x4780'0000U;  // 65536
  constexpr uint32_t kSmallestNormal = 0x3880'0000U;    // 2^-14
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits & kSignBit) >> 16U;
  const uint32_t magnitude = bits & ~kSignBit;
  if (magnitude > kInfinity) return static_cast<uint16_t>(sign | 0x7E00U);
  if (magnitude >= kSmallestOverflow) return static_cast<uint16_t>(sign | 0x7C00U);
  if (magnitude < kSmallestNormal) {
    // Denormals are multiples of 2^-24. Adding 0.5, whose last place is 2^-24, lets the addition
    // itself round to one of them.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3F00'0000U));
  }
  // 13 mantissa bits go; a carry out of the mantissa runs into the exponent, as it should.
  const uint32_t is_odd = (magnitude >> 13U) & 1U;
  const uint32_t rounded = magnitude + 0xFFFU + is_odd;
  constexpr uint32_t kBiasDifference = (127U - 15U) << 10U;
  return static_cast<uint16_t>(sign | ((rounded >> 13U) - kBiasDifference));
}

}  // namespace bulkhead::yolo
