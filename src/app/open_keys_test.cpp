// SPDX-License-Identifier: Apache-2.0
#include "app/open_keys.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace bulkhead::app {
namespace {

using base::Code;

class OpenKeysTest : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  [[nodiscard]] std::string keys() const { return "file:" + (folder_.path() / "keyring").string(); }
  // A secret of its owner's alone.
  [[nodiscard]] std::string Secret(const std::string& name, std::string_view content) const {
    const std::filesystem::path path = folder_.path() / name;
    base::PutContent(path, content);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    return path.string();
  }

  const base::TestFolder folder_;
};

TEST_F(OpenKeysTest, OpensAKeyringAndNamesItsProvider) {
  const auto opened = OpenKeyProvider(keys(), "");
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  EXPECT_EQ(opened.value().name, "file");
  EXPECT_TRUE(opened.value().provider->Create("plant").ok());
}

TEST_F(OpenKeysTest, TakesAPassphraseFromAFile) {
  const std::string file = Secret("passphrase", "secret\n");
  ASSERT_TRUE(OpenKeyProvider(keys(), file).ok());
  EXPECT_EQ(OpenKeyProvider(keys(), "").error().code, Code::kDenied);
  EXPECT_TRUE(OpenKeyProvider(keys(), file).ok());
  EXPECT_EQ(OpenKeyProvider(keys(), file + "-missing").error().code, Code::kNotFound);
}

TEST_F(OpenKeysTest, TakesThePassphraseThatSystemdPassesOn) {
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  (void)Secret("bulkhead-key-passphrase", "secret");
  ASSERT_TRUE(OpenKeyProvider(keys(), "").ok());
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(OpenKeyProvider(keys(), "").error().code, Code::kDenied);
}

TEST_F(OpenKeysTest, GivesNoOtherProviderAPassphrase) {
  const std::string file = Secret("passphrase", "secret");
  const auto opened =
      OpenKeyProvider("transit:https://keys.example:8200/transit?token=file:/nowhere", file);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kInvalid) << opened.error().detail;
}

}  // namespace
}  // namespace bulkhead::app
