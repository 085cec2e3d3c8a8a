// SPDX-License-Identifier: Apache-2.0
// What a log does when its disk fails to sync.
#include <atomic>
#include <cerrno>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/test_log.h"
#include "audit/verify.h"

namespace bulkhead::audit {
namespace {

std::atomic<int> fdatasync_failures = 0;

}  // namespace
}  // namespace bulkhead::audit

// In the place of the C library's, for this whole program.
extern "C" int fdatasync(int file) {
  if (bulkhead::audit::fdatasync_failures > 0) {
    --bulkhead::audit::fdatasync_failures;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace bulkhead::audit {
namespace {

TEST(AuditDiskFailure, RefusesEverythingAfterASyncThatFailedUntilItIsOpenedAgain) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    ASSERT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
    fdatasync_failures = 1;
    EXPECT_EQ(log->AppendAndWait(ExampleEvent()).error().code, base::Code::kUnavailable);
    EXPECT_EQ(log->AppendAndWait(ExampleEvent()).error().code, base::Code::kUnavailable)
        << "nobody knows what is on the disk";
    EXPECT_EQ(CheckpointAndWait(*log).error().code, base::Code::kUnavailable);
  }
  const auto log = OpenTestLog(folder);
  EXPECT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
  EXPECT_TRUE(CheckpointAndWait(*log).ok());
  EXPECT_TRUE(Verify(folder.log(), TestSigner().key).value().sound());
}

}  // namespace
}  // namespace bulkhead::audit
