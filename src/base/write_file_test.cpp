// SPDX-License-Identifier: Apache-2.0
#include "base/write_file.h"

#include <array>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/read_file.h"

namespace bulkhead::base {
namespace {

constexpr std::array kAbc{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};

class WriteFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }

  std::filesystem::path folder_;
};

TEST_F(WriteFileTest, StoresEveryByte) {
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc).ok());
  const auto content = ReadFile(folder_ / "abc", 10);
  ASSERT_TRUE(content.ok());
  EXPECT_TRUE(std::equal(kAbc.begin(), kAbc.end(), content.value().begin(), content.value().end()));
}

TEST_F(WriteFileTest, SaysThatTheFolderIsMissing) {
  EXPECT_EQ(WriteFile(folder_ / "missing" / "abc", kAbc).error().code, Code::kNotFound);
}

TEST_F(WriteFileTest, LeavesNothingBehindWhenItFails) {
  // A folder of that name makes the last step, the rename, fail.
  std::filesystem::create_directories(folder_ / "taken" / "inside");
  EXPECT_FALSE(WriteFile(folder_ / "taken", kAbc).ok());
  const auto begin = std::filesystem::directory_iterator(folder_);
  EXPECT_EQ(std::distance(begin, std::filesystem::directory_iterator()), 1);
}

TEST_F(WriteFileTest, GivesTheFileTheModeOfAnyNewFile) {
  const mode_t mask = ::umask(027);
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc).ok());
  ::umask(mask);
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "abc").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

}  // namespace
}  // namespace bulkhead::base
