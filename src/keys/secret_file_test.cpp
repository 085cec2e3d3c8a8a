// SPDX-License-Identifier: Apache-2.0
#include "keys/secret_file.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace bulkhead::keys {
namespace {

using base::Code;
namespace fs = std::filesystem;

class SecretFile : public testing::Test {
 protected:
  SecretFile() {
    std::string name = (fs::temp_directory_path() / "secret-XXXXXX").string();
    folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    file_ = folder_ / "pin";
  }
  ~SecretFile() override { fs::remove_all(folder_); }

  void Write(std::string_view content, mode_t mode = 0400) {
    fs::remove(file_);
    std::ofstream(file_, std::ios::binary) << content;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  std::string Read() {
    const auto secret = ReadSecretFile(file_);
    if (!secret.ok()) return std::string(base::CodeName(secret.error().code));
    const auto bytes = secret.value().bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  fs::path folder_;
  fs::path file_;
};

TEST_F(SecretFile, IsReadWithoutTheEndOfItsLine) {
  for (const std::string_view end : {"", "\n", "\r\n"}) {
    Write("12 34" + std::string(end));
    EXPECT_EQ(Read(), "12 34");
  }
}

TEST_F(SecretFile, IsFollowedWhereItIsALink) {
  Write("1234");
  fs::rename(file_, folder_ / "real");
  fs::create_symlink("real", file_);
  EXPECT_EQ(Read(), "1234");
}

TEST_F(SecretFile, MayBeReadByItsGroupAndByNobodyElse) {
  Write("1234", 0440);
  EXPECT_EQ(Read(), "1234");
  for (const mode_t mode : {0444U, 0420U, 0402U, 0401U}) {
    Write("1234", mode);
    EXPECT_EQ(Read(), base::CodeName(Code::kCorrupt)) << mode;
  }
}

TEST_F(SecretFile, HoldsOneLineThatIsNotTooLong) {
  Write(std::string(4096, 'x') + "\n");
  EXPECT_EQ(Read(), std::string(4096, 'x'));
  for (const std::string& wrong :
       {std::string(), std::string("\n"), std::string("a\nb\n"), std::string("a\n\n"),
        std::string(4097, 'x'), std::string("a\0b", 3)}) {
    Write(wrong);
    EXPECT_EQ(Read(), base::CodeName(Code::kInvalid)) << wrong.size();
  }
}

TEST_F(SecretFile, IsAFile) {
  EXPECT_EQ(Read(), base::CodeName(Code::kNotFound));
  fs::create_directory(file_);
  EXPECT_EQ(Read(), base::CodeName(Code::kInvalid));
}

}  // namespace
}  // namespace bulkhead::keys
