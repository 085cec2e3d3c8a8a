// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace bulkhead::base {
namespace {

class ReadFileTest : public testing::Test {
 protected:
  std::filesystem::path Path(const char* name) const {
    return std::filesystem::path(testing::TempDir()) / name;
  }
};

TEST_F(ReadFileTest, ReturnsEveryByte) {
  std::ofstream(Path("three")) << "abc";
  const auto content = ReadFile(Path("three"), 3);
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(content.value().size(), 3U);
  EXPECT_EQ(content.value()[2], std::byte{'c'});
}

TEST_F(ReadFileTest, RefusesAFileOverTheLimit) {
  std::ofstream(Path("four")) << "abcd";
  EXPECT_EQ(ReadFile(Path("four"), 3).error().code, Code::kExhausted);
}

TEST_F(ReadFileTest, SaysThatAFileIsMissing) {
  EXPECT_EQ(ReadFile(Path("missing"), 3).error().code, Code::kNotFound);
}

TEST_F(ReadFileTest, RefusesADirectory) {
  EXPECT_EQ(ReadFile(testing::TempDir(), 3).error().code, Code::kInvalid);
}

TEST_F(ReadFileTest, RefusesANamedPipeWithoutHanging) {
  ::mkfifo(Path("pipe").c_str(), 0600);
  EXPECT_EQ(ReadFile(Path("pipe"), 3).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::base
