// SPDX-License-Identifier: Apache-2.0
// Every instruction set of this processor must give the same bits; that they are libjpeg's is shown
// by jpeg_rows_test.
#include "image/ycc_kernels.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "image/test_instruction_sets.h"

namespace bulkhead::image {
namespace {

constexpr int kValues = 256;

uint8_t Clamped(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

std::array<uint8_t, 3> Rgb(int y, int cb, int cr) {
  const int b = cb - 128;
  const int r = cr - 128;
  return {Clamped(y + ((91881 * r + 32768) >> 16)),
          Clamped(y + ((-22554 * b - 46802 * r + 32768) >> 16)),
          Clamped(y + ((116130 * b + 32768) >> 16))};
}

std::vector<uint8_t> Row(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> row(RoundedToSamples(count));
  for (uint8_t& value : row) value = static_cast<uint8_t>(random() >> 24U);
  return row;
}

TEST(YccKernels, ConvertEveryPairOfChroma) {
  ForEachInstructionSet([] {
    std::vector<uint8_t> cr(kValues);
    for (int i = 0; i < kValues; ++i) cr[static_cast<std::size_t>(i)] = static_cast<uint8_t>(i);
    std::vector<uint8_t> rgb(std::size_t{3} * kValues);
    for (const int y : {0, 1, 100, 254, 255}) {
      const std::vector<uint8_t> luma(kValues, static_cast<uint8_t>(y));
      for (int cb = 0; cb < kValues; ++cb) {
        const std::vector<uint8_t> blue(kValues, static_cast<uint8_t>(cb));
        std::vector<uint32_t> pixels(kValues);
        for (std::size_t i = 0; i < kValues; ++i) {
          pixels[i] = luma[i] | uint32_t{blue[i]} << 8U | uint32_t{cr[i]} << 16U;
        }
        ConvertRow(luma.data(), blue.data(), cr.data(), kValues, rgb.data());
        ConvertPixels(pixels);
        for (int i = 0; i < kValues; ++i) {
          const auto at = static_cast<std::size_t>(i);
          const auto [red, green, blue_out] = Rgb(y, cb, i);
          ASSERT_EQ(rgb[3 * at], red) << y << " " << cb << " " << i;
          ASSERT_EQ(rgb[3 * at + 1], green) << y << " " << cb << " " << i;
          ASSERT_EQ(rgb[3 * at + 2], blue_out) << y << " " << cb << " " << i;
          ASSERT_EQ(pixels[at] & 0xFFFFFFU,
                    red | uint32_t{green} << 8U | uint32_t{blue_out} << 16U);
        }
      }
    }
  });
}

TEST(YccKernels, ConvertPixelsOfAnyNumberAndNoMore) {
  ForEachInstructionSet([] {
    for (std::size_t count = 0; count <= 70; ++count) {
      std::vector<uint32_t> pixels(count + 1, 0x00336699U);
      ConvertPixels(std::span(pixels).first(count));
      const auto [red, green, blue] = Rgb(0x99, 0x66, 0x33);
      const uint32_t expected = red | uint32_t{green} << 8U | uint32_t{blue} << 16U;
      ASSERT_EQ(std::count(pixels.begin(), pixels.end(), expected), count);
      ASSERT_EQ(pixels[count], 0x00336699U);
    }
  });
}

// One sample of the triangle filter, as libjpeg's documentation gives it.
int Sum(const std::vector<uint8_t>& near, const std::vector<uint8_t>& far, std::size_t i) {
  return 3 * near[i] + far[i];
}

TEST(YccKernels, UpsampleAcrossAndDownAsATriangle) {
  ForEachInstructionSet([] {
    for (const std::size_t count : {3U, 4U, 31U, 32U, 33U, 100U}) {
      const auto near = Row(count, 1);
      const auto far = Row(count, 2);
      std::vector<int16_t> sums(RoundedToSamples(count) + 2);
      std::vector<uint8_t> out(2 * RoundedToSamples(count));
      UpsampleChroma(near.data(), far.data(), count, kBiasAcrossAndDown, sums.data(), out.data());
      for (std::size_t i = 0; i < count; ++i) {
        const int here = 3 * Sum(near, far, i);
        const int before = Sum(near, far, i == 0 ? 0 : i - 1);
        const int after = Sum(near, far, i + 1 == count ? i : i + 1);
        ASSERT_EQ(out[2 * i], (here + before + 8) >> 4) << i << " of " << count;
        ASSERT_EQ(out[2 * i + 1], (here + after + 7) >> 4) << i << " of " << count;
      }
    }
  });
}

TEST(YccKernels, UpsampleAcrossAsATriangle) {
  ForEachInstructionSet([] {
    constexpr std::size_t kCount = 50;
    const auto row = Row(kCount, 3);
    std::vector<int16_t> sums(RoundedToSamples(kCount) + 2);
    std::vector<uint8_t> out(2 * RoundedToSamples(kCount));
    UpsampleChroma(row.data(), row.data(), kCount, kBiasAcross, sums.data(), out.data());
    for (std::size_t i = 0; i < kCount; ++i) {
      const int before = row[i == 0 ? 0 : i - 1];
      const int after = row[i + 1 == kCount ? i : i + 1];
      ASSERT_EQ(out[2 * i], (3 * row[i] + before + 1) >> 2) << i;
      ASSERT_EQ(out[2 * i + 1], (3 * row[i] + after + 2) >> 2) << i;
    }
  });
}

}  // namespace
}  // namespace bulkhead::image
