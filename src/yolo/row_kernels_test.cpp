// SPDX-License-Identifier: Apache-2.0
// Every instruction set of this processor must give the same bits.
#include "yolo/row_kernels.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "image/test_instruction_sets.h"
#include "yolo/half.h"

namespace bulkhead::yolo {
namespace {

using image::ForEachInstructionSet;

constexpr std::size_t kValues = 256;

TEST(RowKernels, DivideEveryByteBy255AsADivisionWould) {
  FetchedRow row;
  for (uint32_t v = 0; v < kValues; ++v) {
    row.left.push_back(v | (255 - v) << 8U | (v ^ 0x55U) << 16U | 0xAA00'0000U);
  }
  ForEachInstructionSet([&] {
    std::array<std::vector<float>, 3> planes;
    std::array<std::vector<uint16_t>, 3> halves;
    for (auto& plane : planes) plane.resize(kValues);
    for (auto& plane : halves) plane.resize(kValues);
    SpreadSamples(row, kValues, planes[0].data(), planes[1].data(), planes[2].data());
    SpreadSamples(row, kValues, halves[0].data(), halves[1].data(), halves[2].data());
    for (std::size_t v = 0; v < kValues; ++v) {
      const std::array<std::size_t, 3> bytes = {v, 255 - v, v ^ 0x55U};
      for (std::size_t c = 0; c < 3; ++c) {
        ASSERT_EQ(planes[c][v], static_cast<float>(bytes[c]) / 255.0F);
        ASSERT_EQ(halves[c][v], HalfFromFloat(planes[c][v]));
      }
    }
  });
}

TEST(RowKernels, BlendColumnsWithAllTwentyBitsOfTheProduct) {
  constexpr std::size_t kCount = 1000;
  std::mt19937 random(1);
  FetchedRow row;
  for (std::size_t x = 0; x < RoundedToLanes(kCount); ++x) {
    row.left.push_back(static_cast<uint32_t>(random()));
    row.right.push_back(static_cast<uint32_t>(random()));
    row.right_weight.push_back(static_cast<int32_t>(random() % 2049));
  }
  row.left[0] = 0xFFFF'FFFFU;
  row.right[0] = 0;
  ForEachInstructionSet([&] {
    WideRow wide(3 * RoundedToLanes(kCount));
    BlendColumns(row, kCount, wide);
    for (std::size_t x = 0; x < kCount; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const auto left = static_cast<int>(row.left[x] >> (8 * c) & 0xFFU);
        const auto right = static_cast<int>(row.right[x] >> (8 * c + 8) & 0xFFU);
        const int weight = row.right_weight[x];
        ASSERT_EQ(wide[c * RoundedToLanes(kCount) + x],
                  (left * (2048 - weight) + right * weight) >> 4);
      }
    }
  });
}

TEST(RowKernels, BlendRowsTruncateEachProductBeforeTheSum) {
  constexpr std::size_t kCount = 333;
  std::mt19937 random(2);
  std::vector<int16_t> upper(RoundedToLanes(kCount));
  std::vector<int16_t> lower(RoundedToLanes(kCount));
  for (int16_t& value : upper) value = static_cast<int16_t>(random() % 32641);
  for (int16_t& value : lower) value = static_cast<int16_t>(random() % 32641);
  upper[0] = lower[0] = 32640;
  ForEachInstructionSet([&] {
    for (const int weight : {0, 1, 700, 1024, 2047, 2048}) {
      std::vector<float> out(kCount);
      BlendRows(upper.data(), lower.data(), 2048 - weight, weight, kCount, out.data());
      for (std::size_t x = 0; x < kCount; ++x) {
        const int above = upper[x] * (2048 - weight) >> 16;
        const int below = lower[x] * weight >> 16;
        ASSERT_EQ(out[x], static_cast<float>((above + below + 2) >> 2) / 255.0F);
      }
    }
  });
}

TEST(RowKernels, WeighColumnsAndRowsToTheNearestByte) {
  constexpr int32_t kThird = (1 << kWeightBits) / 3;
  const std::vector<uint8_t> row = {0, 10, 255, 30, 20, 255, 60, 30, 255, 0};
  const Filter filter = {
      .taps = {{.first = 0, .count = 2, .weights = 0}, {.first = 0, .count = 3, .weights = 2}},
      .weights = {1 << (kWeightBits - 1), 1 << (kWeightBits - 1), kThird, kThird, kThird + 1},
      .longest = 3};
  ForEachInstructionSet([&] {
    std::vector<uint8_t> out(RoundedToLanes(6));
    WeighColumns(row.data(), filter, out.data());
    EXPECT_EQ(std::vector<uint8_t>(out.begin(), out.begin() + 6),
              (std::vector<uint8_t>{15, 15, 255, 30, 20, 255}));
    const std::vector<uint8_t> low(RoundedToLanes(6), 100);
    const std::vector<uint8_t> high(RoundedToLanes(6), 103);
    const std::array<const uint8_t*, 2> rows = {low.data(), high.data()};
    WeighRows(rows.data(), filter.weights.data(), 2, 6, out.data());
    EXPECT_EQ(std::vector<uint8_t>(out.begin(), out.begin() + 6), std::vector<uint8_t>(6, 102));
  });
}

}  // namespace
}  // namespace bulkhead::yolo
