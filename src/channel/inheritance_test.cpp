// SPDX-License-Identifier: Apache-2.0
#include "channel/inheritance.h"

#include <array>
#include <cerrno>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {
namespace {

using RecordBytes = std::array<std::byte, kStatusRecordBytes>;

RecordBytes Written(const StatusRecord& record) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const base::UniqueFd reading(ends[0]);
  const base::UniqueFd writing(ends[1]);
  WriteStatus(writing.get(), record);
  RecordBytes bytes{};
  EXPECT_EQ(::read(reading.get(), bytes.data(), bytes.size()), ssize_t{kStatusRecordBytes});
  return bytes;
}

StatusRecord Failed() {
  return {.state = WorkerState::kFailed, .code = WireOf(base::Code::kExhausted)};
}

TEST(StatusRecord, ReadsBackEveryState) {
  const StatusRecord violated{
      .state = WorkerState::kViolated, .arch = 0xC000003E, .value = 0x40000065};
  for (const StatusRecord& record :
       {StatusRecord{}, StatusRecord{.state = WorkerState::kReady}, Failed(), violated}) {
    const auto parsed = ParseStatus(Written(record));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->state, record.state);
    EXPECT_EQ(parsed->code, record.code);
    EXPECT_EQ(parsed->arch, record.arch);
    EXPECT_EQ(parsed->value, record.value);
  }
}

TEST(StatusRecord, IsLaidOutAsDocumented) {
  const RecordBytes bytes =
      Written({.state = WorkerState::kViolated, .arch = 0x01020304, .value = -2});
  EXPECT_EQ(bytes[0], std::byte{4});
  EXPECT_EQ(bytes[4], std::byte{4});
  EXPECT_EQ(bytes[7], std::byte{1});
  EXPECT_EQ(bytes[8], std::byte{0xFE});
  EXPECT_EQ(bytes[15], std::byte{0xFF});
}

TEST(StatusRecord, RefusesAnyOtherSize) {
  const RecordBytes bytes = Written({.state = WorkerState::kReady});
  EXPECT_TRUE(ParseStatus(bytes));
  EXPECT_FALSE(ParseStatus(std::span(bytes).first(15)));
  std::array<std::byte, kStatusRecordBytes + 1> longer{};
  longer[0] = std::byte{2};
  EXPECT_FALSE(ParseStatus(longer));
}

TEST(StatusRecord, RefusesWhatNoWorkerOfOursWrites) {
  EXPECT_FALSE(ParseStatus(RecordBytes{}));  // state 0
  for (const StatusRecord& record : {
           StatusRecord{.state = static_cast<WorkerState>(5)},
           StatusRecord{.state = WorkerState::kReady, .code = 1},
           StatusRecord{.state = WorkerState::kReady, .arch = 1},
           StatusRecord{.state = WorkerState::kLoading, .value = 1},
           StatusRecord{.state = WorkerState::kFailed, .code = 0},
           StatusRecord{.state = WorkerState::kFailed, .code = 3, .value = 1},
           StatusRecord{.state = WorkerState::kFailed, .code = 3, .arch = 1},
           StatusRecord{.state = WorkerState::kViolated, .code = 3},
           StatusRecord{.state = WorkerState::kViolated, .value = int64_t{INT32_MAX} + 1},
           StatusRecord{.state = WorkerState::kViolated, .value = int64_t{INT32_MIN} - 1},
       }) {
    EXPECT_FALSE(ParseStatus(Written(record)));
  }
}

TEST(StatusRecord, RefusesReservedBytesThatAreNotZero) {
  for (const std::size_t reserved : {2U, 3U}) {
    RecordBytes bytes = Written({.state = WorkerState::kReady});
    bytes[reserved] = std::byte{1};
    EXPECT_FALSE(ParseStatus(bytes));
  }
}

TEST(StatusRecord, LeavesErrnoAlone) {
  errno = ENOENT;
  WriteStatus(-1, {});
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace bulkhead::channel
