// SPDX-License-Identifier: Apache-2.0
#include "advice/share_bytes.h"

#include <cstdint>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(ShareBytes, AreThoseOfTheDocumentedExample) {
  ShareCounts counts;
  for (int i = 0; i < 3; ++i) counts.Add(0);
  for (int i = 0; i < 200; ++i) counts.Add(0.04);
  EXPECT_EQ(ShareBytes(counts), Bytes({0x03, 0x00, 0xc8, 0x01}));
}

TEST(ShareBytes, ComeBackAsTheyWere) {
  EXPECT_THAT(ShareBytes({}), IsEmpty());
  EXPECT_EQ(ReadShareBytes({}).value(), ShareCounts());
  std::array<uint32_t, ShareCounts::kSteps + 1> steps{};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i] = std::numeric_limits<uint32_t>::max() >> (i % 33 == 32 ? 31 : i % 33);
  }
  const ShareCounts counts = ShareCounts::Of(steps);
  EXPECT_EQ(ReadShareBytes(ShareBytes(counts)).value(), counts);
  steps.fill(std::numeric_limits<uint32_t>::max());
  EXPECT_THAT(ShareBytes(ShareCounts::Of(steps)), SizeIs(255));
  EXPECT_EQ(ReadShareBytes(ShareBytes(ShareCounts::Of(steps))).value(), ShareCounts::Of(steps));
}

TEST(ShareBytes, AreRefusedWhereNobodyWroteThem) {
  for (const auto& bytes :
       {Bytes({0}), Bytes({1, 0}), Bytes({0x80}), Bytes({0x80, 0x00}), Bytes({0x81, 0x00}),
        Bytes({0xff, 0xff, 0xff, 0xff, 0x10}), Bytes({0xff, 0xff, 0xff, 0xff, 0x8f, 0x01}),
        std::vector(52, std::byte{1})}) {
    const auto read = ReadShareBytes(bytes);
    ASSERT_FALSE(read.ok()) << bytes.size();
    EXPECT_EQ(read.error().code, base::Code::kCorrupt);
  }
}

TEST(ShareCounts, StayFullInsteadOfBeginningAnew) {
  std::array<uint32_t, ShareCounts::kSteps + 1> steps{};
  steps[0] = std::numeric_limits<uint32_t>::max();
  ShareCounts counts = ShareCounts::Of(steps);
  counts.Add(0);
  counts.Add(counts);
  EXPECT_EQ(counts, ShareCounts::Of(steps));
}

}  // namespace
}  // namespace bulkhead::advice
