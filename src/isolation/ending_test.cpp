// SPDX-License-Identifier: Apache-2.0
#include "isolation/ending.h"

#include <csignal>

#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

constexpr KernelWord kKilledBySignal9 = {true, false, SIGKILL};

TEST(JudgeEnd, TakesAnExitForFinishedWhateverItsStatus) {
  const End end = JudgeEnd({true, true, 7}, /*ended_before=*/true, 0, Cause::kKilled);
  EXPECT_EQ(end.reason, EndReason::kFinished);
  EXPECT_EQ(end.exit_status, 7);
}

TEST(JudgeEnd, TakesASignalForACrashAndSigsysForAViolation) {
  const End crash = JudgeEnd({true, false, SIGSEGV}, /*ended_before=*/true, 0, Cause::kKilled);
  EXPECT_EQ(crash.reason, EndReason::kCrashed);
  EXPECT_EQ(crash.signal, SIGSEGV);
  const End violation = JudgeEnd({true, false, SIGSYS}, /*ended_before=*/false, 1, Cause::kKilled);
  EXPECT_EQ(violation.reason, EndReason::kViolated);
}

TEST(JudgeEnd, TellsItsOwnKillByItsCause) {
  EXPECT_EQ(JudgeEnd(kKilledBySignal9, /*ended_before=*/false, 0, Cause::kKilled).reason,
            EndReason::kKilled);
  EXPECT_EQ(JudgeEnd(kKilledBySignal9, /*ended_before=*/false, 0, Cause::kTimedOut).reason,
            EndReason::kTimedOut);
}

TEST(JudgeEnd, TakesAForeignKillForTheMemoryLimitOnlyIfTheCgroupCountsOne) {
  EXPECT_EQ(JudgeEnd(kKilledBySignal9, /*ended_before=*/true, 1, Cause::kTimedOut).reason,
            EndReason::kOutOfMemory);
  EXPECT_EQ(JudgeEnd(kKilledBySignal9, /*ended_before=*/false, 1, Cause::kTimedOut).reason,
            EndReason::kOutOfMemory);
  EXPECT_EQ(JudgeEnd(kKilledBySignal9, /*ended_before=*/true, 0, Cause::kTimedOut).reason,
            EndReason::kKilled);
}

TEST(JudgeEnd, AdmitsThatItDoesNotKnow) {
  EXPECT_EQ(JudgeEnd({}, /*ended_before=*/true, 0, Cause::kKilled).reason, EndReason::kLost);
}

}  // namespace
}  // namespace bulkhead::isolation
