// SPDX-License-Identifier: Apache-2.0
// Models and pictures of a hostile tenant in the product's own worker, with ONNX Runtime.
#include "sandbox_cases/hostile_model.h"

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::EndReason;

class HostileTenant : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(laboratory_.failure, ""); }

  Outcome Push(std::vector<std::byte> model, std::vector<std::byte> picture = {}) {
    Subject subject;
    subject.name = "tenant";
    subject.model = std::move(model);
    subject.picture = std::move(picture);
    subject.loading_time_max = std::chrono::seconds(5);
    return Watch(laboratory_, subject);
  }

  // It gave up with a reason, and was not killed.
  static void ExpectRefused(const Outcome& outcome) {
    ASSERT_TRUE(outcome.answer.has_value()) << DescribeOutcome(outcome);
    EXPECT_FALSE(outcome.broken) << DescribeOutcome(outcome);
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
    EXPECT_EQ(outcome.end.exit_status, 1) << DescribeOutcome(outcome);
  }

  Laboratory laboratory_ = OpenProductLaboratory();
};

// What follows is worth something only if a plain model works.
TEST_F(HostileTenant, WithAHarmlessModelIsServed) {
  const Outcome outcome = Push(ModelThatAnswers(0.0F));
  EXPECT_FALSE(outcome.answer.has_value()) << DescribeOutcome(outcome);
  EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
}

TEST_F(HostileTenant, WhoseModelWantsMoreMemoryThanThereIsIsRefused) {
  ExpectRefused(Push(ModelThatAllocates(1LL << 40)));
}

TEST_F(HostileTenant, WhoseModelFillsItsMemoryRunsOutOfIt) {
  const Outcome outcome = Push(ModelThatAllocates(150'000'000));
  if (!outcome.layers.Has(isolation::Layer::kCgroupMemory)) {
    GTEST_SKIP() << "there is no memory limit without a cgroup";
  }
  EXPECT_EQ(outcome.end.reason, EndReason::kOutOfMemory) << DescribeOutcome(outcome);
}

TEST_F(HostileTenant, WhoseModelNeverComesToAnEndIsTimedOut) {
  const Outcome outcome = Push(ModelThatLoops());
  EXPECT_EQ(outcome.end.reason, EndReason::kTimedOut) << DescribeOutcome(outcome);
}

TEST_F(HostileTenant, WhoseModelHasAbsurdSidesIsRefused) {
  ExpectRefused(Push(ModelWithAbsurdInput()));
  ExpectRefused(Push(ModelWithAbsurdOutput()));
}

TEST_F(HostileTenant, WhoseModelNamesAFileGetsNothingOfIt) {
  for (const char* path : {"/etc/passwd", "../../../../etc/passwd", "/proc/self/environ"}) {
    ExpectRefused(Push(ModelThatReadsAFile(path)));
  }
}

TEST_F(HostileTenant, WhoseModelIsNestedWithoutEndHarmsOnlyItself) {
  const Outcome outcome = Push(ModelOfNestedGraphs(2000));
  EXPECT_TRUE(outcome.answer.has_value());
  EXPECT_TRUE(outcome.end.reason == EndReason::kFinished ||
              outcome.end.reason == EndReason::kCrashed)
      << DescribeOutcome(outcome);
}

TEST_F(HostileTenant, WhoseModelIsNoneIsRefused) {
  ExpectRefused(Push(std::vector<std::byte>(1000, std::byte{0x5a})));
  std::vector<std::byte> half = ModelThatAnswers(0.0F);
  half.resize(half.size() / 2);
  ExpectRefused(Push(half));
}

TEST_F(HostileTenant, WhoseModelAnswersNoNumbersGetsNoDetections) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1e38F}) {
    const Outcome outcome = Push(ModelThatAnswers(value));
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
    EXPECT_EQ(outcome.detections, 0U);
  }
}

TEST_F(HostileTenant, WhosePictureIsNoneIsToldSo) {
  std::vector<std::byte> half = GrayPicture();
  half.resize(half.size() / 2);
  // A PNG of 2^31 - 1 pixels each way, as its header says.
  constexpr std::string_view kHeader(
      "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0", 29);
  const auto header = std::as_bytes(std::span(kHeader));
  std::vector<std::byte> bomb(header.begin(), header.end());
  bomb.resize(4096);
  for (const auto& picture : {half, bomb, std::vector<std::byte>(4096, std::byte{0xff})}) {
    const Outcome outcome = Push(ModelThatAnswers(0.0F), picture);
    ASSERT_TRUE(outcome.answer.has_value());
    EXPECT_FALSE(outcome.broken) << DescribeOutcome(outcome);
    // It goes on, and leaves in order.
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
    EXPECT_EQ(outcome.end.exit_status, 0) << DescribeOutcome(outcome);
  }
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
