// SPDX-License-Identifier: Apache-2.0
#include "app/open_keys.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace bulkhead::app {
namespace {

using base::Code;

class OpenKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "open-keys-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] std::string keys() const { return "file:" + (folder_ / "keyring").string(); }

  std::filesystem::path folder_;
};

TEST_F(OpenKeysTest, OpensAKeyringAndNamesItsProvider) {
  const auto opened = OpenKeyProvider(keys(), "");
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  EXPECT_EQ(opened.value().name, "file");
  EXPECT_TRUE(opened.value().provider->Create("plant").ok());
}

TEST_F(OpenKeysTest, TakesAPassphraseFromAFileWithOrWithoutALinesEnd) {
  const std::string file = (folder_ / "passphrase").string();
  std::ofstream(file) << "secret\n";
  ASSERT_TRUE(OpenKeyProvider(keys(), file).ok());
  EXPECT_EQ(OpenKeyProvider(keys(), "").error().code, Code::kDenied);
  std::ofstream(file, std::ios::trunc) << "secret";
  EXPECT_TRUE(OpenKeyProvider(keys(), file).ok());
  std::ofstream(file, std::ios::trunc) << "\n";
  EXPECT_EQ(OpenKeyProvider(keys(), file).error().code, Code::kInvalid);
  EXPECT_EQ(OpenKeyProvider(keys(), file + "-missing").error().code, Code::kNotFound);
}

TEST_F(OpenKeysTest, TakesThePassphraseThatSystemdPassesOn) {
  ::setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  std::ofstream(folder_ / "bulkhead-key-passphrase") << "secret";
  ASSERT_TRUE(OpenKeyProvider(keys(), "").ok());
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(OpenKeyProvider(keys(), "").error().code, Code::kDenied);
}

TEST_F(OpenKeysTest, KnowsNoOtherProvider) {
  for (const char* text : {"", "file", "file:", "kms:key", "keyring"}) {
    EXPECT_EQ(OpenKeyProvider(text, "").error().code, Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace bulkhead::app
