// SPDX-License-Identifier: Apache-2.0
// A network whose answers are made to harm whoever decodes them, in a real worker.
#include <string>

#include <gtest/gtest.h>

#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::EndReason;

class ForgedOutputsInAWorker : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(laboratory_.failure, ""); }

  // Two frames: the second shows that the worker goes on.
  Outcome Forge(const std::string& form) {
    Subject subject = SubjectOf({Moment::kServing, "forge-outputs", form});
    subject.frames = 2;
    return Watch(laboratory_, subject);
  }

  Laboratory laboratory_ = OpenLaboratory();
};

TEST_F(ForgedOutputsInAWorker, ThatAreNoOutputsOfTheModelFailTheFrameOnly) {
  for (const char* form : {"no-outputs", "other-type", "rank", "negative-side", "many-anchors",
                           "overflowing-sides", "short-bytes", "null-bytes", "error"}) {
    const Outcome outcome = Forge(form);
    ASSERT_TRUE(outcome.answer.has_value()) << form << ": " << DescribeOutcome(outcome);
    EXPECT_FALSE(outcome.broken) << form;
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << form << ": " << DescribeOutcome(outcome);
  }
}

TEST_F(ForgedOutputsInAWorker, ThatAreNoNumbersGiveNoDetections) {
  for (const char* form : {"nan", "infinity", "negative"}) {
    const Outcome outcome = Forge(form);
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << form << ": " << DescribeOutcome(outcome);
    EXPECT_EQ(outcome.detections, 0U) << form;
  }
}

TEST_F(ForgedOutputsInAWorker, WithABoxAtEveryAnchorStayWithinWhatWasAskedFor) {
  for (const char* form : {"huge", "every-anchor", "two-outputs"}) {
    const Outcome outcome = Forge(form);
    EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << form << ": " << DescribeOutcome(outcome);
    EXPECT_LE(outcome.detections, 300U) << form;
  }
}

// The network's own words reach no tenant's terminal.
TEST_F(ForgedOutputsInAWorker, ThatAreAnErrorAreToldInPlainText) {
  const Outcome outcome = Forge("error");
  ASSERT_TRUE(outcome.answer.has_value());
  for (const char c : outcome.answer->detail + outcome.answer->public_message) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  }
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
