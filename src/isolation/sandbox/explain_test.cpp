// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/explain.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

using base::Code;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

LaunchSpec SomeSpec() {
  LaunchSpec spec;
  spec.files = {{"/outside/a", "/inside/a"}, {"/outside/b", "/inside/b"}};
  spec.devices = {"/dev/nvidia0"};
  return spec;
}

StepFailure Failing(Step step, int error, uint32_t index = 0) {
  return {step, error, index, LayerOf(step), ""};
}

TEST(ExplainFailure, NamesTheLayerTheStepAndTheKernelsWord) {
  const auto error = Explain(Failing(Step::kLandlock, EPERM), SomeSpec());
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_THAT(error.detail,
              AllOf(HasSubstr("layer landlock: "), HasSubstr("restrict itself with Landlock"),
                    HasSubstr("Operation not permitted")));
}

TEST(ExplainFailure, CallsAProcessThatWasKilledAShortageThatPasses) {
  const auto error = Explain(Failing(Step::kNone, EINTR), SomeSpec());
  EXPECT_EQ(error.code, Code::kExhausted);
  EXPECT_THAT(error.detail, HasSubstr("something killed the process while it was started"));
}

TEST(ExplainFailure, NamesTheFileAsItIsKnownWhereTheStepHappens) {
  EXPECT_THAT(Explain(Failing(Step::kPlaceFile, ENOENT, 1), SomeSpec()).detail,
              HasSubstr("/outside/b"));
  EXPECT_THAT(Explain(Failing(Step::kReadFile, EACCES, 1), SomeSpec()).detail,
              HasSubstr("/inside/b"));
  EXPECT_THAT(Explain(Failing(Step::kReadFile, EACCES, 2), SomeSpec()).detail,
              HasSubstr("/dev/nvidia0"));
  EXPECT_THAT(Explain(Failing(Step::kExec, EACCES), SomeSpec()).detail, Not(HasSubstr("/outside")));
}

TEST(ExplainFailure, TellsAFileThatIsMissingFromOneOfAnotherKindAndFromWantOfMemory) {
  EXPECT_EQ(Explain(Failing(Step::kOpenFile, ENOENT), SomeSpec()).code, Code::kNotFound);
  EXPECT_EQ(Explain(Failing(Step::kPlaceFile, EINVAL), SomeSpec()).code, Code::kInvalid);
  EXPECT_EQ(Explain(Failing(Step::kReadFile, EACCES), SomeSpec()).code, Code::kUnavailable);
  EXPECT_EQ(Explain(Failing(Step::kExec, ENOENT), SomeSpec()).code, Code::kUnavailable);
  EXPECT_EQ(Explain(Failing(Step::kClone, ENOMEM), SomeSpec()).code, Code::kExhausted);
  EXPECT_EQ(Explain(Failing(Step::kAwake, ESRCH), SomeSpec()).code, Code::kExhausted);
  EXPECT_EQ(Explain(Failing(Step::kPipe, EMFILE), SomeSpec()).code, Code::kExhausted);
}

TEST(ExplainFailure, PointsToAWayOutWhenNamespacesAreRefused) {
  EXPECT_THAT(Explain(Failing(Step::kClone, EPERM), SomeSpec()).detail, HasSubstr("; "));
}

TEST(StepFact, HasWordsForEveryStep) {
  for (auto step = Step::kNone; step <= Step::kExec;
       step = static_cast<Step>(static_cast<int>(step) + 1)) {
    EXPECT_FALSE(StepName(step).empty());
  }
}

}  // namespace
}  // namespace bulkhead::isolation
