// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <numeric>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

using Bytes = std::vector<std::byte>;

Bytes Rising(std::size_t count) {
  std::vector<uint8_t> values(count);
  std::iota(values.begin(), values.end(), uint8_t{0});
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

void ExpectBoth(std::span<const std::byte> bytes, uint32_t crc) {
  EXPECT_EQ(Crc32c(bytes), crc);
  EXPECT_EQ(Crc32cPortable(bytes), crc);
}

TEST(Crc32c, GivesThePublishedAnswers) {
  // RFC 3720, appendix B.4.
  ExpectBoth(Bytes(32, std::byte{0}), 0x8A9136AA);
  ExpectBoth(Bytes(32, std::byte{255}), 0x62A8AB43);
  ExpectBoth(Rising(32), 0x46DD794E);
  // The check value of CRC-32C in catalogues of checksums.
  ExpectBoth(std::as_bytes(std::span(std::string_view("123456789"))), 0xE3069283);
  ExpectBoth({}, 0);
}

TEST(Crc32c, GoesOnFromWhatCameBefore) {
  const Bytes bytes = Rising(41);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto front = std::span(bytes).first(cut);
    const auto back = std::span(bytes).subspan(cut);
    EXPECT_EQ(Crc32c(back, Crc32c(front)), Crc32c(bytes)) << cut;
    EXPECT_EQ(Crc32cPortable(back, Crc32cPortable(front)), Crc32c(bytes)) << cut;
  }
}

}  // namespace
}  // namespace bulkhead::base
