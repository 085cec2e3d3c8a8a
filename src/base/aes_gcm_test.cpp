// SPDX-License-Identifier: Apache-2.0
#include "base/aes_gcm.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

template <std::size_t size>
std::array<std::byte, size> FromHex(std::string_view text) {
  std::array<std::byte, size> bytes{};
  std::ranges::copy(ParseHex(text).value(), bytes.begin());
  return bytes;
}

// The GCM specification (McGrew and Viega), test cases 13 and 16.
TEST(Aes256Gcm, AgreesWithItsSpecificationsExamples) {
  Aes256Gcm zeros(std::array<std::byte, 32>{});
  EXPECT_EQ(Hex(zeros.Seal({}, {}, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");

  Aes256Gcm cipher(FromHex<32>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const auto plain = ParseHex(
                         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
                         .value();
  const auto bound = ParseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  std::vector<std::byte> sealed(plain.size());
  EXPECT_EQ(Hex(cipher.Seal(FromHex<12>("cafebabefacedbaddecaf888"), bound, plain, sealed)),
            "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(Hex(sealed),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
}

TEST(Aes256Gcm, OpensWhatItSealedInTheSameMemory) {
  Aes256Gcm cipher(std::array<std::byte, 32>{});
  const std::string text = "weights";
  std::vector<std::byte> memory(text.size());
  std::ranges::copy(std::as_bytes(std::span(text)), memory.begin());
  const GcmTag tag = cipher.Seal({}, {}, memory, memory);
  ASSERT_TRUE(cipher.Open({}, {}, memory, tag, memory));
  EXPECT_TRUE(std::ranges::equal(memory, std::as_bytes(std::span(text))));
}

TEST(Aes256Gcm, GivesZerosInsteadOfWhatItDidNotSeal) {
  Aes256Gcm cipher(std::array<std::byte, 32>{});
  const std::vector<std::byte> plain(40, std::byte{7});
  std::vector<std::byte> sealed(plain.size());
  const GcmTag tag = cipher.Seal({}, {}, plain, sealed);
  std::vector<std::byte> opened(plain.size(), std::byte{1});
  const std::vector<std::byte> zeros(plain.size());

  auto changed = sealed;
  changed[39] ^= std::byte{1};
  EXPECT_FALSE(cipher.Open({}, {}, changed, tag, opened));
  EXPECT_EQ(opened, zeros);
  GcmTag other = tag;
  other[0] ^= std::byte{0x80};
  EXPECT_FALSE(cipher.Open({}, {}, sealed, other, opened));
  EXPECT_FALSE(cipher.Open({std::byte{1}}, {}, sealed, tag, opened));
  EXPECT_FALSE(cipher.Open({}, plain, sealed, tag, opened));
  EXPECT_EQ(opened, zeros);
  EXPECT_TRUE(cipher.Open({}, {}, sealed, tag, opened));
  EXPECT_EQ(opened, plain);
}

}  // namespace
}  // namespace bulkhead::base
