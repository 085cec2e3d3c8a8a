// SPDX-License-Identifier: Apache-2.0
// A picture that is decoded while it is letterboxed fills the tensor as one that was decoded
// before.
#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "image/decode.h"
#include "image/encode.h"
#include "image/image_rows.h"
#include "yolo/letterbox.h"

namespace bulkhead::yolo {
namespace {

std::vector<std::byte> Jpeg(int width, int height) {
  image::Image picture;
  picture.Reshape(width, height);
  std::mt19937 random(static_cast<unsigned>(width * 1000 + height));
  for (uint8_t& value : picture.pixels()) value = static_cast<uint8_t>(random() >> 24U);
  auto encoded = image::EncodeJpeg(picture, 90);
  return encoded.ok() ? std::move(encoded).value() : std::vector<std::byte>();
}

ModelSpec Spec(int width, int height, Task task) {
  ModelSpec spec;
  spec.task = task;
  spec.input.width = width;
  spec.input.height = height;
  return spec;
}

std::vector<float> Filled(image::Rows& rows, const ModelSpec& spec) {
  const Letterbox plan = PlanLetterbox(rows.width(), rows.height(), spec);
  std::vector<float> tensor(3 * static_cast<std::size_t>(plan.input_width) *
                            static_cast<std::size_t>(plan.input_height));
  EXPECT_TRUE(FillInput(rows, plan, spec, tensor).ok());
  return tensor;
}

void ExpectTheSame(int width, int height, const ModelSpec& spec) {
  SCOPED_TRACE(testing::Message() << width << "x" << height << " to " << *spec.input.width << "x"
                                  << *spec.input.height);
  const std::vector<std::byte> encoded = Jpeg(width, height);
  const auto whole = image::Decode(encoded, {});
  ASSERT_TRUE(whole.ok());
  image::ImageRows whole_rows(whole.value());
  image::Image storage;
  const auto rows = image::OpenRows(encoded, {}, storage);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(Filled(*rows.value(), spec), Filled(whole_rows, spec));
  EXPECT_TRUE(storage.empty());
}

TEST(LetterboxRows, FillAsTheWholePictureUpAndDown) {
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    for (const auto& [width, height] : {std::pair{1, 1},
                                        {2, 3},
                                        {5, 4},
                                        {31, 17},
                                        {32, 32},
                                        {33, 64},
                                        {64, 36},
                                        {96, 54},
                                        {160, 90},
                                        {161, 91},
                                        {7, 200},
                                        {200, 7},
                                        {401, 299}}) {
      for (const int side : {32, 33, 97}) ExpectTheSame(width, height, Spec(side, side, task));
      ExpectTheSame(width, height, Spec(64, 40, task));
    }
  }
}

// An axis whose positions are whole pixels beside one whose are not: rows are fetched as they are,
// resized, or both.
TEST(LetterboxRows, FillAsTheWholePictureWhereOneAxisIsCopied) {
  for (const auto& [width, height] :
       {std::pair{32, 31}, {32, 63}, {96, 40}, {96, 95}, {40, 96}, {31, 32}, {160, 33}}) {
    ExpectTheSame(width, height, Spec(32, 32, Task::kDetect));
  }
  // Stretched: the classifier's input is not square.
  for (const auto& [width, height] : {std::pair{32, 20}, {32, 60}, {96, 17}, {17, 60}}) {
    ExpectTheSame(width, height, Spec(32, 20, Task::kClassify));
  }
}

TEST(LetterboxRows, TellOfAPictureThatEndsEarly) {
  std::vector<std::byte> encoded = Jpeg(300, 200);
  encoded.resize(encoded.size() / 2);
  image::Image storage;
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    const ModelSpec spec = Spec(32, 32, task);
    const auto rows = image::OpenRows(encoded, {}, storage);
    ASSERT_TRUE(rows.ok());
    std::vector<float> tensor(std::size_t{3} * 32 * 32);
    const Letterbox plan = PlanLetterbox(300, 200, spec);
    const base::Status filled = FillInput(*rows.value(), plan, spec, tensor);
    ASSERT_FALSE(filled.ok());
    EXPECT_EQ(filled.error().code, base::Code::kInvalid);
    std::vector<uint16_t> half(tensor.size());
    const auto again = image::OpenRows(encoded, {}, storage);
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(FillInputHalf(*again.value(), plan, spec, half).ok());
  }
}

}  // namespace
}  // namespace bulkhead::yolo
