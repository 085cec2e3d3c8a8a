// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime_library.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::engine {
namespace {

using testing::HasSubstr;

TEST(OnnxRuntimeLibrary, AChosenRootIsTheOnlyPlaceLookedAt) {
  ::setenv("ONNXRUNTIME_ROOT", "/opt/chosen", 1);
  const auto candidates = OnnxRuntimeCandidates();
  ::unsetenv("ONNXRUNTIME_ROOT");
  ASSERT_EQ(candidates.size(), 2U);
  for (const auto& candidate : candidates)
    EXPECT_THAT(candidate.string(), HasSubstr("/opt/chosen"));
}

TEST(OnnxRuntimeLibrary, SaysWhatWasTriedAndWhatToDoWhenNothingLoads) {
  const auto loaded = LoadOnnxRuntime({"/nowhere/libonnxruntime.so"});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, base::Code::kUnavailable);
  EXPECT_THAT(loaded.error().detail, HasSubstr("/nowhere/libonnxruntime.so"));
  EXPECT_THAT(loaded.error().detail, HasSubstr("ONNXRUNTIME_ROOT"));
}

TEST(OnnxRuntimeLibrary, PassesOverALibraryThatIsNotOnnxRuntime) {
  const auto loaded = LoadOnnxRuntime({"libm.so.6"});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().detail, HasSubstr("has no OrtGetApiBase"));
}

TEST(OnnxRuntimeLibrary, LoadsTheOneFoundAtBuildTime) {
  EXPECT_TRUE(LoadOnnxRuntime(OnnxRuntimeCandidates()).ok());
}

}  // namespace
}  // namespace bulkhead::engine
