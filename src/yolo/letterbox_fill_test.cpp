// SPDX-License-Identifier: Apache-2.0
// What the tensor holds, against a plain double-precision reimplementation.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/image_rows.h"
#include "oracle/letterbox_oracle.h"
#include "yolo/half.h"
#include "yolo/letterbox.h"

namespace bulkhead::yolo {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

ModelSpec Spec(int width, int height, Task task = Task::kDetect) {
  ModelSpec spec;
  spec.task = task;
  spec.input.width = width;
  spec.input.height = height;
  return spec;
}

image::Image RandomPicture(int width, int height, unsigned seed) {
  image::Image picture;
  picture.Reshape(width, height);
  std::mt19937 random(seed);
  for (uint8_t& value : picture.pixels()) value = static_cast<uint8_t>(random() >> 24U);
  return picture;
}

std::size_t Elements(const Letterbox& plan) {
  return 3 * static_cast<std::size_t>(plan.input_width) *
         static_cast<std::size_t>(plan.input_height);
}

std::vector<float> Filled(const image::Image& picture, const ModelSpec& spec, float before = kNaN) {
  const Letterbox plan = PlanLetterbox(picture.width(), picture.height(), spec);
  std::vector<float> tensor(Elements(plan), before);
  image::ImageRows rows(picture);
  EXPECT_TRUE(FillInput(rows, plan, spec, tensor).ok());
  return tensor;
}

// The largest difference in units of 1/255; NaN (an element never written) counts as infinite.
double Distance(const std::vector<float>& tensor, const std::vector<double>& expected) {
  if (tensor.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    const double distance = std::abs(255.0 * static_cast<double>(tensor[i]) - expected[i]);
    if (std::isnan(distance)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, distance);
  }
  return largest;
}

constexpr double kTolerance = 1 + 255e-6;  // 1/255 and a millionth

struct Size {
  int width;
  int height;
};

std::vector<Size> Sizes() {
  std::vector<Size> sizes = {{1, 1},     {1, 2},     {2, 1},       {3, 3},      {160, 160},
                             {1, 700},   {700, 1},   {4000, 2},    {2, 4000},   {480, 270},
                             {320, 180}, {640, 360}, {4000, 3000}, {1919, 1081}};
  std::mt19937 random(99);
  std::uniform_real_distribution<double> log_size(0, std::log(1500.0));
  for (int i = 0; i < 60; ++i) {
    sizes.push_back({static_cast<int>(std::exp(log_size(random))),
                     static_cast<int>(std::exp(log_size(random)))});
  }
  return sizes;
}

TEST(LetterboxFill, IsWithinOneLevelOfTheOracleForRandomSizes) {
  for (const auto& [width, height] : Sizes()) {
    SCOPED_TRACE(testing::Message() << width << "x" << height);
    const image::Image picture = RandomPicture(width, height, 1);
    for (const ModelSpec& spec : {Spec(160, 160), Spec(97, 130)}) {
      const Letterbox plan = PlanLetterbox(width, height, spec);
      EXPECT_LE(Distance(Filled(picture, spec), oracle::FillPadded(picture, plan)), kTolerance);
    }
  }
}

TEST(LetterboxFill, CropsWithinOneLevelOfTheOracleForRandomSizes) {
  const ModelSpec spec = Spec(48, 48, Task::kClassify);
  for (const auto& [width, height] : Sizes()) {
    SCOPED_TRACE(testing::Message() << width << "x" << height);
    const image::Image picture = RandomPicture(width, height, 2);
    const Letterbox plan = PlanLetterbox(width, height, spec);
    EXPECT_LE(Distance(Filled(picture, spec), oracle::FillCropped(picture, plan)), kTolerance);
  }
}

TEST(LetterboxFill, NormalisesByImageNetWhereTheModelWantsIt) {
  const image::Image picture = RandomPicture(61, 40, 3);
  ModelSpec spec = Spec(32, 32, Task::kClassify);
  const std::vector<float> plain = Filled(picture, spec);
  spec.imagenet_normalisation = true;
  const std::vector<float> normalised = Filled(picture, spec);
  const double mean[] = {0.485, 0.456, 0.406};
  const double deviation[] = {0.229, 0.224, 0.225};
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::size_t c = i / (plain.size() / 3);
    EXPECT_NEAR(normalised[i], (static_cast<double>(plain[i]) - mean[c]) / deviation[c], 1e-6);
  }
}

TEST(LetterboxFill, PadsWith114AboveBelowAndBeside) {
  const image::Image wide = RandomPicture(64, 32, 4);
  const std::vector<float> below = Filled(wide, Spec(64, 64));
  const image::Image tall = RandomPicture(32, 64, 5);
  const std::vector<float> beside = Filled(tall, Spec(64, 64));
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < 16; ++i) {
      for (std::size_t j = 0; j < 64; ++j) {
        const std::size_t plane = c * 64 * 64;
        EXPECT_EQ(below[plane + i * 64 + j], 114.0F / 255.0F);
        EXPECT_EQ(below[plane + (63 - i) * 64 + j], 114.0F / 255.0F);
        EXPECT_EQ(beside[plane + j * 64 + i], 114.0F / 255.0F);
        EXPECT_EQ(beside[plane + j * 64 + 63 - i], 114.0F / 255.0F);
      }
    }
  }
}

TEST(LetterboxFill, PutsRedFirstThenGreenThenBlue) {
  image::Image picture;
  picture.Reshape(4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 12; x += 3) {
      picture.row(y)[x] = 10;
      picture.row(y)[x + 1] = 20;
      picture.row(y)[x + 2] = 30;
    }
  }
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    for (const int size : {4, 7, 20}) {
      const std::vector<float> tensor = Filled(picture, Spec(size, size, task));
      const auto plane = static_cast<std::ptrdiff_t>(size) * size;
      const auto red = tensor.begin();
      EXPECT_THAT(std::vector<float>(red, red + plane), testing::Each(10.0F / 255.0F));
      EXPECT_THAT(std::vector<float>(red + plane, red + 2 * plane), testing::Each(20.0F / 255.0F));
      EXPECT_THAT(std::vector<float>(red + 2 * plane, red + 3 * plane),
                  testing::Each(30.0F / 255.0F));
    }
  }
}

TEST(LetterboxFill, DoesNotDependOnWhatTheBufferHeldBefore) {
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    for (const auto& [width, height] : {Size{50, 31}, Size{13, 90}, Size{1, 1}, Size{400, 2}}) {
      const image::Image picture = RandomPicture(width, height, 6);
      const ModelSpec spec = Spec(64, 64, task);
      const std::vector<float> clean = Filled(picture, spec, 0.0F);
      EXPECT_EQ(Filled(picture, spec, 7.5F), clean);
      EXPECT_EQ(Filled(picture, spec, kNaN), clean);
    }
  }
}

TEST(LetterboxFill, WritesNothingOutsideTheTensor) {
  const image::Image picture = RandomPicture(50, 31, 8);
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    const ModelSpec spec = Spec(33, 33, task);
    const Letterbox plan = PlanLetterbox(picture.width(), picture.height(), spec);
    std::vector<float> buffer(Elements(plan) + 128, -1.0F);
    image::ImageRows rows(picture);
    const auto tensor = std::span(buffer).subspan(64, Elements(plan));
    ASSERT_TRUE(FillInput(rows, plan, spec, tensor).ok());
    EXPECT_THAT(std::vector<float>(buffer.begin(), buffer.begin() + 64), testing::Each(-1.0F));
    EXPECT_THAT(std::vector<float>(buffer.end() - 64, buffer.end()), testing::Each(-1.0F));
  }
}

TEST(LetterboxFill, GivesTheFloatsRoundedWhenAskedForHalf) {
  for (const Task task : {Task::kDetect, Task::kClassify}) {
    for (const auto& [width, height] : {Size{96, 54}, Size{50, 31}, Size{13, 90}}) {
      const image::Image picture = RandomPicture(width, height, 7);
      ModelSpec spec = Spec(32, 32, task);
      spec.imagenet_normalisation = task == Task::kClassify;
      const Letterbox plan = PlanLetterbox(width, height, spec);
      std::vector<uint16_t> half(Elements(plan), 0xFFFF);
      image::ImageRows rows(picture);
      ASSERT_TRUE(FillInputHalf(rows, plan, spec, half).ok());
      const std::vector<float> tensor = Filled(picture, spec);
      std::vector<uint16_t> expected(tensor.size());
      std::transform(tensor.begin(), tensor.end(), expected.begin(), HalfFromFloat);
      EXPECT_EQ(half, expected);
    }
  }
}

}  // namespace
}  // namespace bulkhead::yolo
