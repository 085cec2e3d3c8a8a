// SPDX-License-Identifier: Apache-2.0
// What only a file can suffer; the rest is tests/contract/key_provider_contract_test.cpp.
#include "keys/file_provider.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_folder.h"

namespace bulkhead::keys {
namespace {

using base::Code;
namespace fs = std::filesystem;

class FileProviderTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<KeyProvider>> Open(std::string_view passphrase = "") {
    if (passphrase.empty()) return OpenFileProvider(file_, std::nullopt);
    base::SecretBytes secret = base::SecretBytes::Allocate(passphrase.size()).value();
    std::ranges::copy(std::as_bytes(std::span(passphrase)), secret.bytes().begin());
    return OpenFileProvider(file_, std::move(secret));
  }

  std::optional<Code> OpenFails(std::string_view passphrase = "") {
    const auto opened = Open(passphrase);
    return opened.ok() ? std::optional<Code>() : opened.error().code;
  }

  [[nodiscard]] std::string Content() const {
    std::ifstream stream(file_, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  const base::TestFolder folder_;
  fs::path file_ = folder_.path() / "keyring";
};

TEST_F(FileProviderTest, MakesAFileThatIsItsOwnAlone) {
  ASSERT_TRUE(Open().ok());
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(FileProviderTest, RefusesAFileThatOthersMayReadOrThatIsALink) {
  ASSERT_TRUE(Open().ok());
  ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
  EXPECT_EQ(OpenFails(), Code::kCorrupt);
  ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
  fs::rename(file_, folder_.path() / "elsewhere");
  fs::create_symlink("elsewhere", file_);
  EXPECT_EQ(OpenFails(), Code::kCorrupt);
}

TEST_F(FileProviderTest, IsOpenInOneProcessAtATime) {
  const auto first = Open();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(OpenFails(), Code::kConflict);
}

TEST_F(FileProviderTest, OpensWithItsOwnPassphraseOnly) {
  ASSERT_TRUE(Open("correct horse").ok());
  EXPECT_EQ(OpenFails("wrong horse"), Code::kDenied);
  EXPECT_EQ(OpenFails(), Code::kDenied);
  EXPECT_EQ(OpenFails("correct horse"), std::nullopt);
}

TEST_F(FileProviderTest, TakesNoPassphraseForAFileWithoutOne) {
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(OpenFails("correct horse"), Code::kDenied);
}

TEST_F(FileProviderTest, KeepsTheOldFileWhereANewOneCannotBeWritten) {
  auto keys = Open();
  ASSERT_TRUE(keys.ok());
  ASSERT_TRUE(keys.value()->Create("plant").ok());
  const std::string before = Content();
  // A folder lies where the new file is to be written.
  fs::create_directory(folder_.path() / "keyring.new");
  EXPECT_FALSE(keys.value()->Create("city").ok());
  EXPECT_FALSE(keys.value()->Destroy("plant").ok());
  EXPECT_EQ(Content(), before);
  EXPECT_TRUE(keys.value()->Describe("plant").ok()) << "what is on the disk was forgotten";
  EXPECT_FALSE(keys.value()->Describe("city").ok());
  fs::remove(folder_.path() / "keyring.new");
  EXPECT_TRUE(keys.value()->Create("city").ok());
}

TEST_F(FileProviderTest, LosesNothingToWhatACrashLeftBesideIt) {
  {
    ASSERT_TRUE(Open().value()->Create("plant").ok());
  }
  std::ofstream(folder_.path() / "keyring.new") << "half";
  auto keys = Open();
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(keys.value()->Describe("plant").ok());
  EXPECT_TRUE(keys.value()->Rotate("plant").ok());
  EXPECT_FALSE(fs::exists(folder_.path() / "keyring.new"));
}

TEST_F(FileProviderTest, ShowsNoKeyInTheFileOfAPassphrase) {
  auto keys = Open("correct horse");
  ASSERT_TRUE(keys.value()->Create("plant").ok());
  EXPECT_EQ(Content().find("plant"), std::string::npos);
}

TEST_F(FileProviderTest, SaysThatItsFolderIsMissing) {
  file_ = folder_.path() / "missing" / "keyring";
  EXPECT_EQ(OpenFails(), Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::keys
