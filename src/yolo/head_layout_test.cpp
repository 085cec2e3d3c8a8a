// SPDX-License-Identifier: Apache-2.0
#include "yolo/head_layout.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

HeadQuestion Question(std::vector<int64_t> dims, std::optional<int64_t> classes = std::nullopt) {
  HeadQuestion question;
  question.dims = std::move(dims);
  question.classes = classes;
  question.height = 640;
  question.width = 640;
  return question;
}

std::string Decide(const HeadQuestion& question) {
  const auto head = DecideHeadLayout(question);
  return head.ok() ? std::string(HeadLayoutName(head.value())) : head.error().public_message;
}

TEST(HeadLayout, ShapeDecidesWhereTheMetadataIsSilent) {
  EXPECT_EQ(Decide(Question({1, 84, 8400}, 80)), "anchor-free");
  EXPECT_EQ(Decide(Question({1, 25200, 85}, 80)), "anchor-based");
  EXPECT_EQ(Decide(Question({1, 300, 6}, 80)), "end-to-end");
}

// Two classes make 6 columns, as an end-to-end row has; the axis they lie on tells them apart.
TEST(HeadLayout, TwoClassesAreNoEndToEndRow) {
  HeadQuestion question = Question({1, 6, 8400}, 2);
  question.exporter_names_task = true;
  EXPECT_EQ(Decide(question), "anchor-free");
}

// One class of YOLOv5 makes rows of 6 too; 25,200 rows are the three strides of 640 thrice.
TEST(HeadLayout, OneClassOfYolov5IsNoEndToEndRow) {
  EXPECT_EQ(Decide(Question({1, 25200, 6}, 1)), "anchor-based");
  EXPECT_EQ(Decide(Question({1, 25200, 6})), "anchor-based");
  EXPECT_EQ(Decide(Question({1, 300, 6}, 1)), "end-to-end");
}

// 1x84x84 with 80 classes at 64x64 reads both ways only by rank; 84 = 8*8 + 4*4 + 2*2 cells.
TEST(HeadLayout, SquareShapesAreDecidedByTheClassCount) {
  HeadQuestion question = Question({1, 84, 84}, 80);
  question.height = 64;
  question.width = 64;
  EXPECT_EQ(Decide(question), "anchor-free");
  question.classes = 79;
  question.dims = {1, 252, 84};
  EXPECT_EQ(Decide(question), "anchor-based");
}

// 80 classes fit 84 rows of a column each and rows of 85; 252 anchors belong to 64x64.
TEST(HeadLayout, AnchorCountOfTheInputSettlesADoubleFit) {
  HeadQuestion question = Question({1, 252, 253}, 248);
  question.height = 64;
  question.width = 64;
  EXPECT_EQ(Decide(question), "anchor-based");
  question.exporter_names_task = true;
  EXPECT_EQ(Decide(question), "anchor-based");
}

TEST(HeadLayout, MetadataComesBeforeTheShape) {
  HeadQuestion question = Question({1, 6, 6}, 2);
  question.end_to_end = false;
  EXPECT_EQ(Decide(question), "anchor-free");
  question.end_to_end = true;
  EXPECT_EQ(Decide(question), "end-to-end");
  question.end_to_end = false;
  question.nms = true;
  EXPECT_EQ(Decide(question), "end-to-end");
}

TEST(HeadLayout, ShapesThatContradictTheMetadataAreRefused) {
  HeadQuestion question = Question({1, 84, 8400}, 80);
  question.end_to_end = true;
  EXPECT_EQ(Decide(question), "metadata says end2end True but output0 is 1x84x8400");
  question.end_to_end.reset();
  question.nms = true;
  EXPECT_EQ(Decide(question), "metadata says nms True but output0 is 1x84x8400");
  question = Question({1, 300, 6}, 80);
  question.end_to_end = false;
  EXPECT_EQ(Decide(question), "metadata says end2end False but output0 is 1x300x6");
  EXPECT_EQ(Decide(Question({1, 85, 8400}, 80)),
            "output0 is 1x85x8400, which no detect layout has with 80 classes");
}

TEST(HeadLayout, Yolov10WithoutTheKeyIsEndToEnd) {
  HeadQuestion question = Question({-1, -1, -1}, 80);
  question.exporter_names_task = true;
  EXPECT_EQ(Decide(question), "anchor-free");
  question.yolov10 = true;
  EXPECT_EQ(Decide(question), "end-to-end");
  question.dims = {1, 84, 8400};
  EXPECT_EQ(Decide(question), "anchor-free");
}

TEST(HeadLayout, TheCallersWordIsCheckedAgainstTheShape) {
  HeadQuestion question = Question({1, 6, 8400}, 2);
  question.override_with = HeadLayout::kEndToEnd;
  EXPECT_EQ(Decide(question), "the head was given as end-to-end but output0 is 1x6x8400");
  question.override_with = HeadLayout::kAnchorFree;
  EXPECT_EQ(Decide(question), "anchor-free");
}

TEST(HeadLayout, WithoutNamesTheLongerAxisCountsTheAnchors) {
  EXPECT_EQ(Decide(Question({1, 84, 8400})), "anchor-free");
  EXPECT_EQ(Decide(Question({1, 25200, 85})), "anchor-based");
  HeadQuestion question = Question({1, 84, 1000});
  question.height.reset();
  question.width.reset();
  EXPECT_EQ(Decide(question), "anchor-free");
}

TEST(HeadLayout, PoseAndObbHaveNoAnchorBasedHead) {
  HeadQuestion question = Question({1, 25200, 57}, 1);
  question.task = Task::kPose;
  question.extra = 51;
  EXPECT_EQ(Decide(question), "end-to-end");
}

TEST(HeadLayout, CountsClassesByLayout) {
  EXPECT_EQ(ClassesInShape(HeadLayout::kAnchorFree, {1, 116, 8400}, 32), 80);
  EXPECT_EQ(ClassesInShape(HeadLayout::kAnchorBased, {1, 25200, 85}, 0), 80);
  EXPECT_EQ(ClassesInShape(HeadLayout::kClassScores, {1, 1000}, 0), 1000);
  EXPECT_EQ(ClassesInShape(HeadLayout::kEndToEnd, {1, 300, 6}, 0), std::nullopt);
  EXPECT_EQ(ClassesInShape(HeadLayout::kAnchorFree, {-1, -1, -1}, 0), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::yolo
