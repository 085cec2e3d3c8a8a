// SPDX-License-Identifier: Apache-2.0
#include "isolation/end.h"

#include <csignal>

#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

constexpr uint32_t kArchX8664 = 0xc000003e;  // AUDIT_ARCH_X86_64

TEST(DescribeEnd, SaysHowAProgramFinished) {
  EXPECT_EQ(Describe({.reason = EndReason::kFinished, .exit_status = 3}), "finished (status 3)");
}

TEST(DescribeEnd, NamesTheSignalOfACrash) {
  EXPECT_EQ(Describe({.reason = EndReason::kCrashed, .signal = SIGSEGV}), "crashed (SIGSEGV)");
  EXPECT_EQ(Describe({.reason = EndReason::kCrashed, .signal = 63}), "crashed (signal 63)");
}

TEST(DescribeEnd, NamesTheCallOfAViolationWhereItWasReported) {
  EXPECT_EQ(
      Describe({.reason = EndReason::kViolated, .syscall_number = 101, .syscall_arch = kArchX8664}),
      "violated (ptrace)");
  EXPECT_EQ(Describe({.reason = EndReason::kViolated}), "violated (the call was not reported)");
}

TEST(DescribeEnd, HasWordsForEveryOtherReason) {
  EXPECT_EQ(Describe({.reason = EndReason::kOutOfMemory}), "out of memory");
  EXPECT_EQ(Describe({.reason = EndReason::kTimedOut}), "timed out");
  EXPECT_EQ(Describe({.reason = EndReason::kKilled}), "killed");
  EXPECT_EQ(Describe({}), "lost");
}

}  // namespace
}  // namespace bulkhead::isolation
