// SPDX-License-Identifier: Apache-2.0
// What the ledger says and leaves behind when its disk is full or fails.
#include <atomic>
#include <cerrno>
#include <string>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "meter/ledger.h"
#include "meter/segment_header.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"

namespace bulkhead::meter {
namespace {

std::atomic<int> fdatasync_failures = 0;
std::atomic<int> fsync_failures = 0;

}  // namespace
}  // namespace bulkhead::meter

// In the place of the C library's, for this whole program.
extern "C" int fdatasync(int file) {
  if (bulkhead::meter::fdatasync_failures > 0) {
    --bulkhead::meter::fdatasync_failures;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

extern "C" int fsync(int file) {
  if (bulkhead::meter::fsync_failures > 0) {
    --bulkhead::meter::fsync_failures;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace bulkhead::meter {
namespace {

TEST(DiskFailure, RefusesRecordsOnAFullDiskAndGoesOnLater) {
  const TestFolder folder;
  {
    const auto ledger = Ledger::Open(folder.ledger(), {.reserve_bytes = 0}).value();
    ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
    const std::string before = ContentOf(folder.segment("1"));
    // Room for none of a group's bytes, for some, for all but one.
    const std::size_t group = before.size() - kSegmentHeaderBytes;
    for (std::size_t room = 0; room < group; ++room) {
      const FullDisk full(before.size() + room);
      const auto refused = AppendAndWait(*ledger, ExampleRecord());
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code, base::Code::kExhausted);
      EXPECT_EQ(ContentOf(folder.segment("1")), before);
    }
    EXPECT_EQ(ledger->position(), 1U);
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{1, 2}));
  }
  const VerifyReport report = Verify(folder.ledger()).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.records, 2U);
}

TEST(DiskFailure, RefusesAllWhoShareTheWrite) {
  const TestFolder folder;
  std::atomic<int> refused = 0;
  {
    const auto ledger = Ledger::Open(folder.ledger()).value();
    const FullDisk full(kSegmentHeaderBytes + 500);
    for (int i = 0; i < 100; ++i) {
      ledger->Append(ExampleRecord(), [&refused](const base::Result<RecordId>& result) {
        if (!result.ok() && result.error().code == base::Code::kExhausted) ++refused;
      });
    }
    // Records that fit alone may be written; what is refused is not there.
    while (refused == 0) (void)AppendAndWait(*ledger, ExampleRecord());
  }
  EXPECT_TRUE(Verify(folder.ledger()).value().sound());
}

TEST(DiskFailure, GoesOnAfterARoomlessNewSegment) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 1}).value();
  ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
  {
    const FullDisk full(kSegmentHeaderBytes - 1);
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).error().code, base::Code::kExhausted);
  }
  EXPECT_FALSE(std::filesystem::exists(folder.ledger() / "unfinished"));
  EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{1, 2}));
  EXPECT_TRUE(Verify(folder.ledger()).value().sound());
}

TEST(DiskFailure, DoesNotOpenOnAFullDisk) {
  const TestFolder folder;
  {
    const FullDisk full(kSegmentHeaderBytes - 1);
    EXPECT_EQ(Ledger::Open(folder.ledger()).error().code, base::Code::kExhausted);
  }
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->epoch(), 1U);
}

TEST(DiskFailure, IsFinalWhenASyncFails) {
  const TestFolder folder;
  {
    const auto ledger = Ledger::Open(folder.ledger()).value();
    ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
    fdatasync_failures = 1;
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).error().code, base::Code::kUnavailable);
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).error().code, base::Code::kUnavailable);
    EXPECT_EQ(ledger->position(), 1U);
  }
  const auto ledger = Ledger::Open(folder.ledger()).value();
  EXPECT_GE(ledger->recovery().records, 1U);
  EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{2, 1}));
}

TEST(DiskFailure, IsFinalWhenAFullSegmentCannotBeCutBack) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger()).value();
  {
    const FullDisk full(kSegmentHeaderBytes + 1);
    fsync_failures = 1;
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).error().code, base::Code::kUnavailable);
  }
  EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).error().code, base::Code::kUnavailable);
}

TEST(DiskFailure, LeavesNoEpochBehindThatIsNotDurable) {
  const TestFolder folder;
  // Each sync of Open in turn: the folder's parent, the new segment, the folder.
  for (int sync = 1; sync <= 2; ++sync) {
    fsync_failures = sync;
    const auto opened = Ledger::Open(folder.ledger());
    fsync_failures = 0;
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, base::Code::kUnavailable);
  }
  EXPECT_TRUE(Ledger::Open(folder.ledger()).ok());
}

}  // namespace
}  // namespace bulkhead::meter
