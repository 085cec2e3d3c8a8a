// SPDX-License-Identifier: Apache-2.0
#include "audit/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

TEST(SigningKey, IsMadeOnceForItsOwnerAlone) {
  const TestFolder folder;
  const auto file = folder.path() / "audit-key";
  const auto made = ReadOrMakeSigner(file, "bulkhead-test");
  ASSERT_TRUE(made.ok()) << made.error().detail;
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(about.st_size, 32);
  EXPECT_EQ(about.st_nlink, 1U);
  EXPECT_EQ(ReadOrMakeSigner(file, "bulkhead-test").value().key, made.value().key);
  EXPECT_TRUE(made.value().key.name.starts_with("bulkhead-test/"));
  EXPECT_EQ(made.value().key.name.size(), sizeof("bulkhead-test/") - 1 + 16);
}

TEST(SigningKey, NamesTheLogAfterTheKey) {
  const TestFolder folder;
  const auto one = ReadOrMakeSigner(folder.path() / "one", "p");
  const auto two = ReadOrMakeSigner(folder.path() / "two", "p");
  EXPECT_NE(one.value().key.name, two.value().key.name);
}

TEST(SigningKey, IsRefusedWhereOthersMayReadItOrItIsCut) {
  const TestFolder folder;
  const auto file = folder.path() / "audit-key";
  ASSERT_TRUE(ReadOrMakeSigner(file, "p").ok());
  ::chmod(file.c_str(), 0640);
  EXPECT_EQ(ReadOrMakeSigner(file, "p").error().code, base::Code::kCorrupt);
  ::chmod(file.c_str(), 0600);
  PutContent(file, "short");
  EXPECT_EQ(ReadOrMakeSigner(file, "p").error().code, base::Code::kCorrupt);
  PutContent(file, std::string(33, 'x'));
  EXPECT_EQ(ReadOrMakeSigner(file, "p").error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::audit
