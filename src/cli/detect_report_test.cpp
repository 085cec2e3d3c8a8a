// SPDX-License-Identifier: Apache-2.0
#include "cli/detect_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/class_name.h"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

yolo::ModelSpec BoltsAndNuts() {
  yolo::ModelSpec spec;
  spec.class_names = {"bolt", "nut"};
  return spec;
}

yolo::ImageResult OneDetection(yolo::Detection detection) {
  yolo::ImageResult result{.image_width = 100, .image_height = 50};
  result.detections.push_back(std::move(detection));
  return result;
}

TEST(DetectReport, TableSaysWhatWhereAndHowSure) {
  const auto result =
      OneDetection({.class_index = 1, .score = 0.876F, .box = {10.4F, 20, 30, 40.6F}});
  const std::string table = ResultTable("a.jpg", BoltsAndNuts(), result, {});
  EXPECT_THAT(table, HasSubstr("a.jpg  100x50  1 detection  "));
  EXPECT_THAT(table, HasSubstr("nut"));
  EXPECT_THAT(table, HasSubstr("0.88   x     10 to 30     y     20 to 41\n"));
}

TEST(DetectReport, TableSaysWhenNothingWasFound) {
  const yolo::ImageResult nothing{.image_width = 100, .image_height = 50};
  EXPECT_THAT(ResultTable("a.jpg", BoltsAndNuts(), nothing, {}), HasSubstr("nothing found"));
}

TEST(DetectReport, TableDisarmsAHostileClassName) {
  yolo::ModelSpec spec;
  spec.class_names = {"\x1b[2J"};
  const std::string table = ResultTable("a.jpg", spec, OneDetection({}), {});
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

TEST(DetectReport, AClassWithoutANameIsShownByItsNumber) {
  EXPECT_EQ(report::ClassName(BoltsAndNuts(), 1), "nut");
  EXPECT_EQ(report::ClassName(BoltsAndNuts(), 7), "class 7");
}

TEST(DetectReport, JsonCarriesWhatEveryTaskAdds) {
  const auto result = OneDetection({.score = 0.5F,
                                    .box = {0, 0, 2, 2},
                                    .rotated = yolo::RotatedBox{1, 1, 2, 1, 0.25F},
                                    .mask = yolo::Mask{0, 0, 1, 1, {1}},
                                    .keypoints = {{1, 2, 0.75F}}});
  const auto entry = ResultJson("a.jpg", BoltsAndNuts(), result, {});
  const auto& detection = entry["detections"][0];
  EXPECT_EQ(detection["rotated"]["angle"], 0.25);
  EXPECT_EQ(detection["mask"]["size"], nlohmann::json({50, 100}));
  EXPECT_EQ(detection["mask"]["counts"], nlohmann::json({0, 1, 4999}));
  EXPECT_EQ(detection["keypoints"][0]["visibility"], 0.75);
}

TEST(DetectReport, JsonOfAClassificationHasClassesAndNoDetections) {
  yolo::ModelSpec spec = BoltsAndNuts();
  spec.task = yolo::Task::kClassify;
  const yolo::ImageResult result{
      .image_width = 8, .image_height = 8, .classes = {{1, 0.75F}, {0, 0.25F}}};
  const auto entry = ResultJson("a.jpg", spec, result, {});
  EXPECT_EQ(entry["classes"][0]["name"], "nut");
  EXPECT_FALSE(entry.contains("detections"));
}

TEST(DetectReport, JsonShowsNoBinaryTailOfAFloat) {
  const auto result = OneDetection({.score = 0.1F, .box = {0.1F, 0, 1, 1}});
  const auto entry = ResultJson("a.jpg", BoltsAndNuts(), result, {});
  EXPECT_EQ(entry["detections"][0]["score"].dump(), "0.1");
  EXPECT_EQ(entry["detections"][0]["box"]["x1"].dump(), "0.1");
}

}  // namespace
}  // namespace bulkhead::cli
