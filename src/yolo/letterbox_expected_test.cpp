// SPDX-License-Identifier: Apache-2.0
// Bit for bit what OpenCV and Pillow give (tests/data/letterbox/generate.py).
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "base/read_file.h"
#include "image/image_rows.h"
#include "yolo/letterbox.h"

namespace bulkhead::yolo {
namespace {

struct Header {
  int32_t crop;
  int32_t width;
  int32_t height;
  int32_t target_width;
  int32_t target_height;
  int32_t dynamic;
  int32_t input_width;
  int32_t input_height;
  int32_t content_width;
  int32_t content_height;
  int32_t seed;
};

image::Image SeededPicture(const Header& header) {
  image::Image picture;
  picture.Reshape(header.width, header.height);
  auto state = static_cast<uint32_t>(header.seed);
  for (uint8_t& value : picture.pixels()) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<uint8_t>(state >> 24U);
  }
  return picture;
}

ModelSpec SpecOf(const Header& header) {
  ModelSpec spec;
  spec.task = header.crop != 0 ? Task::kClassify : Task::kDetect;
  spec.default_width = header.target_width;
  spec.default_height = header.target_height;
  if (header.dynamic == 0) {
    spec.input.width = header.target_width;
    spec.input.height = header.target_height;
  }
  return spec;
}

// Consumes one record; returns false at the end.
bool CheckRecord(std::span<const std::byte>& rest) {
  if (rest.size() < sizeof(Header)) return false;
  Header header{};
  std::memcpy(&header, rest.data(), sizeof(header));
  rest = rest.subspan(sizeof(header));
  SCOPED_TRACE(testing::Message() << header.width << "x" << header.height << " crop " << header.crop
                                  << " seed " << header.seed);
  const ModelSpec spec = SpecOf(header);
  const Letterbox plan = PlanLetterbox(header.width, header.height, spec);
  EXPECT_EQ(plan.input_width, header.input_width);
  EXPECT_EQ(plan.input_height, header.input_height);
  EXPECT_EQ(plan.content_width, header.content_width);
  EXPECT_EQ(plan.content_height, header.content_height);
  const std::size_t count = 3 * static_cast<std::size_t>(header.input_width) *
                            static_cast<std::size_t>(header.input_height);
  if (testing::Test::HasFailure() || rest.size() < count) {
    ADD_FAILURE() << "the record does not fit the plan";
    return false;
  }
  std::vector<float> expected(count);
  for (std::size_t i = 0; i < count; ++i) {
    expected[i] = static_cast<float>(std::to_integer<int>(rest[i])) / 255.0F;
  }
  std::vector<float> tensor(count);
  const image::Image picture = SeededPicture(header);
  image::ImageRows rows(picture);
  EXPECT_TRUE(FillInput(rows, plan, spec, tensor).ok());
  EXPECT_EQ(tensor, expected);
  rest = rest.subspan(count);
  return true;
}

TEST(LetterboxExpected, EqualsOpenCvAndPillowBitForBit) {
  const auto file =
      base::ReadFile(BULKHEAD_TEST_DATA "/letterbox/expected.bin", std::size_t{1} << 20U);
  ASSERT_TRUE(file.ok()) << file.error().detail;
  std::span<const std::byte> rest = file.value();
  int records = 0;
  while (CheckRecord(rest)) ++records;
  EXPECT_EQ(records, 16);
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace bulkhead::yolo
