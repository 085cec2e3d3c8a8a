// SPDX-License-Identifier: Apache-2.0
#include "device/kernel_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

using testing::ElementsAre;

TEST(CpuList, ReadsRangesAndSingleNumbers) {
  EXPECT_THAT(ParseCpuList("0\n").value(), ElementsAre(0));
  EXPECT_THAT(ParseCpuList("0-2,5,8-9\n").value(), ElementsAre(0, 1, 2, 5, 8, 9));
  EXPECT_THAT(ParseCpuList("65535").value(), ElementsAre(65535));
  EXPECT_TRUE(ParseCpuList("\n").value().empty());
}

TEST(CpuList, RefusesWhatTheKernelDoesNotWrite) {
  for (const char* text : {"a", "0,", ",0", "0-", "-1", "3-1", "0,0", "2,1", "0-2,2", "0 1", "0;1",
                           "65536", "0-4294967296", "99999999999999999999"}) {
    const auto cpus = ParseCpuList(text);
    ASSERT_FALSE(cpus.ok()) << text;
    EXPECT_EQ(cpus.error().code, base::Code::kCorrupt) << text;
  }
}

TEST(KernelFile, ReadsATextWhoseSizeIsNotKnownBefore) {
  const auto text = ReadKernelFile("/proc/self/status");
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text.value().find("\nCpus_allowed_list:\t"), std::string::npos);
}

TEST(KernelFile, NamesTheFileThatCannotBeRead) {
  const auto text = ReadKernelFile("/proc/self/no-such-file");
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, base::Code::kNotFound);
  EXPECT_THAT(text.error().detail, testing::HasSubstr("/proc/self/no-such-file"));
}

TEST(KernelFile, ReadsOneNumber) {
  const TestFolder folder;
  folder.Write("/limit", "9223372036854771712\n");
  EXPECT_EQ(ReadKernelNumber(folder.path() / "limit").value(), 9223372036854771712);
  for (const char* text : {"max\n", "-1\n", "", "1 2\n", "9223372036854775808\n"}) {
    folder.Write("/limit", text);
    EXPECT_FALSE(ReadKernelNumber(folder.path() / "limit").ok()) << text;
  }
}

TEST(NumberOfLine, TakesTheLineOfExactlyThatName) {
  const std::string text = "MemTotalOther: 1 kB\nMemTotal:   24 kB\ninactive_file 7\nempty\n";
  EXPECT_EQ(NumberOfLine(text, "MemTotal").value(), 24);
  EXPECT_EQ(NumberOfLine(text, "inactive_file").value(), 7);
  EXPECT_EQ(NumberOfLine("zone2 9\nzone 3\n", "zone").value(), 3);
  EXPECT_FALSE(NumberOfLine(text, "inactive").ok());
  EXPECT_FALSE(NumberOfLine(text, "empty").ok());
  EXPECT_FALSE(NumberOfLine("MemTotal: many kB\n", "MemTotal").ok());
}

}  // namespace
}  // namespace bulkhead::device
