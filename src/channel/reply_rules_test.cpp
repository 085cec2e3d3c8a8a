// SPDX-License-Identifier: Apache-2.0
#include "channel/reply_rules.h"

#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using testing::HasSubstr;
using yolo::Task;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Bend {
  const char* rule;
  Task task;
  std::function<void(DetectReply&)> bend;
};

base::Status Check(Task task, const DetectReply& reply, const yolo::DetectOptions& options = {}) {
  return CheckReply(HelloOf(task), options, reply);
}

class BentReply : public testing::TestWithParam<Bend> {};

TEST_P(BentReply, IsABreachOfItsRule) {
  DetectReply reply = ReplyOf(GetParam().task, 1);
  ASSERT_TRUE(Check(GetParam().task, reply).ok());
  GetParam().bend(reply);
  const base::Status checked = Check(GetParam().task, reply);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, base::Code::kCorrupt);
  EXPECT_THAT(checked.error().detail, HasSubstr(GetParam().rule));
}

yolo::Detection& First(DetectReply& reply) { return reply.result.detections.front(); }

std::vector<Bend> BentFrames() {
  const std::chrono::nanoseconds too_long = kStepTimeMax + std::chrono::nanoseconds(1);
  return {
      {"picture", Task::kDetect, [](DetectReply& r) { r.result.image_width = 0; }},
      {"picture", Task::kDetect, [](DetectReply& r) { r.result.image_height = -1; }},
      {"picture", Task::kDetect, [](DetectReply& r) { r.result.image_width = kImageSideMax + 1; }},
      {"picture", Task::kDetect, [](DetectReply& r) { r.result.image_height = kImageSideMax + 1; }},
      {"step time", Task::kDetect, [=](DetectReply& r) { r.times.queue = too_long; }},
      {"step time", Task::kDetect, [=](DetectReply& r) { r.times.decode = -too_long; }},
      {"step time", Task::kDetect, [=](DetectReply& r) { r.times.heads = too_long; }},
      {"batch", Task::kDetect, [](DetectReply& r) { r.times.batch = 0; }},
      {"batch", Task::kDetect, [](DetectReply& r) { r.times.batch = 5; }},
  };
}

std::vector<Bend> BentDetections() {
  return {
      {"class that the model", Task::kDetect, [](DetectReply& r) { First(r).class_index = 2; }},
      {"class that the model", Task::kDetect, [](DetectReply& r) { First(r).class_index = -1; }},
      {"below the threshold", Task::kDetect, [](DetectReply& r) { First(r).score = 0.25F; }},
      {"below the threshold", Task::kDetect, [](DetectReply& r) { First(r).score = kNan; }},
      {"not finite", Task::kDetect, [](DetectReply& r) { First(r).score = kInfinity; }},
      {"rise", Task::kDetect, [](DetectReply& r) { First(r).score = 0.5F; }},
      {"class scores", Task::kDetect, [](DetectReply& r) { r.result.classes.resize(1); }},
  };
}

std::vector<Bend> BentPlaces() {
  return {
      {"box", Task::kDetect, [](DetectReply& r) { First(r).box.x1 = -0.5F; }},
      {"box", Task::kDetect, [](DetectReply& r) { First(r).box.y1 = kNan; }},
      {"box", Task::kSegment, [](DetectReply& r) { First(r).box.x2 = 100.5F; }},
      {"box", Task::kPose, [](DetectReply& r) { First(r).box.y2 = kInfinity; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).box.x1 = -kInfinity; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).rotated->cx = kNan; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).rotated->cy = kNan; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).rotated->width = kInfinity; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).rotated->height = kInfinity; }},
      {"box", Task::kObb, [](DetectReply& r) { First(r).rotated->angle = kNan; }},
      {"mask", Task::kSegment, [](DetectReply& r) { First(r).mask->x = 98; }},
      {"mask", Task::kSegment, [](DetectReply& r) { First(r).mask->y = 49; }},
      {"keypoint", Task::kPose, [](DetectReply& r) { First(r).keypoints[1].x = 101; }},
      {"keypoint", Task::kPose, [](DetectReply& r) { First(r).keypoints[1].y = -1; }},
      {"keypoint", Task::kPose, [](DetectReply& r) { First(r).keypoints[0].visibility = kNan; }},
  };
}

std::vector<Bend> BentScores() {
  const auto at = [](DetectReply& r, std::size_t i) -> yolo::ClassScore& {
    return r.result.classes[i];
  };
  return {
      {"every class", Task::kClassify, [](DetectReply& r) { r.result.classes.pop_back(); }},
      {"one twice", Task::kClassify, [=](DetectReply& r) { at(r, 0).class_index = 0; }},
      {"does not have", Task::kClassify, [=](DetectReply& r) { at(r, 0).class_index = 2; }},
      {"does not have", Task::kClassify, [=](DetectReply& r) { at(r, 0).class_index = -1; }},
      {"rise", Task::kClassify, [=](DetectReply& r) { at(r, 1).score = 0.95F; }},
      {"not finite", Task::kClassify, [=](DetectReply& r) { at(r, 0).score = kInfinity; }},
      {"not finite", Task::kClassify, [=](DetectReply& r) { at(r, 1).score = -kInfinity; }},
      {"not finite", Task::kClassify, [=](DetectReply& r) { at(r, 1).score = kNan; }},
      {"detections", Task::kClassify, [](DetectReply& r) { r.result.detections.resize(1); }},
  };
}

INSTANTIATE_TEST_SUITE_P(Frames, BentReply, testing::ValuesIn(BentFrames()));
INSTANTIATE_TEST_SUITE_P(Detections, BentReply, testing::ValuesIn(BentDetections()));
INSTANTIATE_TEST_SUITE_P(Places, BentReply, testing::ValuesIn(BentPlaces()));
INSTANTIATE_TEST_SUITE_P(Scores, BentReply, testing::ValuesIn(BentScores()));

TEST(ReplyRules, HoldForEveryTask) {
  for (const Task task : kEveryTask) EXPECT_TRUE(Check(task, ReplyOf(task, 1)).ok());
}

TEST(ReplyRules, LimitTheDetectionsToWhatWasAskedFor) {
  const auto checked = Check(Task::kDetect, ReplyOf(Task::kDetect, 1), {.detections_max = 1});
  EXPECT_THAT(checked.error().detail, HasSubstr("more detections"));
}

TEST(ReplyRules, LimitTheClassesToWhatWasAskedFor) {
  const DetectReply reply = ReplyOf(Task::kDetect, 1);
  EXPECT_TRUE(Check(Task::kDetect, reply, {.classes = {1, 0}}).ok());
  EXPECT_THAT(Check(Task::kDetect, reply, {.classes = {0}}).error().detail,
              HasSubstr("not asked for"));
}

TEST(ReplyRules, LetBoxesOfObbReachOverTheEdge) {
  DetectReply reply = ReplyOf(Task::kObb, 1);
  First(reply).box.x1 = -5;
  First(reply).rotated->cx = 200;
  EXPECT_TRUE(Check(Task::kObb, reply).ok());
}

TEST(ReplyRules, LetAMaskBeEmptyAtTheFarCorner) {
  DetectReply reply = ReplyOf(Task::kSegment, 1);
  First(reply).mask = yolo::Mask{.x = 100, .y = 50, .width = 0, .height = 0, .bits = {}};
  EXPECT_TRUE(Check(Task::kSegment, reply).ok());
}

}  // namespace
}  // namespace bulkhead::channel
