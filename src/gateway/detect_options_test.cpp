// SPDX-License-Identifier: Apache-2.0
#include "gateway/detect_options.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

using Fields = std::map<std::string, std::string>;

TEST(DetectOptions, AreTheExportersDefaultsWhenNothingIsSaid) {
  const auto options = DetectOptionsFrom(Fields{});
  ASSERT_TRUE(options.ok());
  EXPECT_FLOAT_EQ(options.value().confidence_min, 0.25F);
  EXPECT_FLOAT_EQ(options.value().iou_max, 0.7F);
  EXPECT_EQ(options.value().detections_max, 300);
}

TEST(DetectOptions, AreReadFromAQuery) {
  const auto options = DetectOptionsFrom(Fields{
      {"conf", "0.5"}, {"iou", "1"}, {"max_det", "7"}, {"classes", "0,2"}, {"agnostic", ""}});
  ASSERT_TRUE(options.ok());
  EXPECT_FLOAT_EQ(options.value().confidence_min, 0.5F);
  EXPECT_FLOAT_EQ(options.value().iou_max, 1.0F);
  EXPECT_EQ(options.value().detections_max, 7);
  EXPECT_EQ(options.value().classes, (std::vector<int>{0, 2}));
  EXPECT_TRUE(options.value().class_agnostic);
}

TEST(DetectOptions, AreReadFromParametersOfAnyTypeAmongOthers) {
  const auto options = DetectOptionsFrom(openinference::Parameters{
      {"conf", 0.5}, {"max_det", int64_t{7}}, {"agnostic", true}, {"priority", uint64_t{3}}});
  ASSERT_TRUE(options.ok());
  EXPECT_FLOAT_EQ(options.value().confidence_min, 0.5F);
  EXPECT_EQ(options.value().detections_max, 7);
  EXPECT_TRUE(options.value().class_agnostic);
}

TEST(DetectOptions, MayBeSmallerThanAFloatCanBe) {
  const auto options = DetectOptionsFrom(Fields{{"conf", "4e-267"}});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options.value().confidence_min, 0.0F);
}

TEST(DetectOptions, NameTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"conf", "nan"},   {"conf", "1.5"},      {"conf", ""},     {"iou", "-0.1"},
      {"max_det", "0"},  {"max_det", "30001"}, {"classes", "a"}, {"classes", "1,,2"},
      {"classes", "-1"}, {"agnostic", "maybe"}};
  for (const auto& [name, value] : wrong) {
    const auto options = DetectOptionsFrom(Fields{{name, value}});
    ASSERT_FALSE(options.ok()) << name << "=" << value;
    EXPECT_TRUE(options.error().public_message.starts_with(name)) << options.error().public_message;
  }
  EXPECT_FALSE(DetectOptionsFrom(Fields{{"confidence", "0.5"}}).ok());
}

}  // namespace
}  // namespace bulkhead::gateway
