// SPDX-License-Identifier: Apache-2.0
#include "node/state_folder.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using std::chrono::milliseconds;

constexpr milliseconds kNone{0};

TEST(StateFolder, IsMadeForItsUserAlone) {
  const TestFolder folder;
  const auto held = HoldStateFolder(folder.path() / "a/b", kNone);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  struct stat status{};
  ASSERT_EQ(::stat((folder.path() / "a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "a/b"));
}

TEST(StateFolder, HasOneHolderAtATime) {
  const TestFolder folder;
  {
    const auto held = HoldStateFolder(folder.path(), kNone);
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(HoldStateFolder(folder.path(), kNone).error().code, Code::kConflict);
  }
  EXPECT_TRUE(HoldStateFolder(folder.path(), kNone).ok());
}

TEST(StateFolder, IsWaitedForWhileAnotherHolderDies) {
  const TestFolder folder;
  auto held = HoldStateFolder(folder.path(), kNone);
  ASSERT_TRUE(held.ok());
  std::thread other([&] { EXPECT_TRUE(HoldStateFolder(folder.path(), kTestPatience).ok()); });
  held.value().lock = base::UniqueFd();
  other.join();
}

TEST(StateFolder, IsRefusedWhereOthersMayWriteToIt) {
  const TestFolder folder;
  for (const mode_t mode : {0720U, 0702U}) {
    ASSERT_EQ(::chmod(folder.path().c_str(), mode), 0);
    EXPECT_EQ(HoldStateFolder(folder.path(), kNone).error().code, Code::kDenied);
  }
}

TEST(StateFolder, IsNoFile) {
  const TestFolder folder;
  std::ofstream(folder.path() / "file") << "text";
  EXPECT_EQ(HoldStateFolder(folder.path() / "file", kNone).error().code, Code::kInvalid);
}

TEST(StateFolder, GivesItsHolderANameThatAnotherFolderDoesNotGive) {
  const TestFolder folder;
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "link");
  const std::string name = OwnerName(HoldStateFolder(folder.path(), kNone).value());
  EXPECT_EQ(OwnerName(HoldStateFolder(folder.path() / "link", kNone).value()), name);
  EXPECT_NE(OwnerName(HoldStateFolder(folder.path() / "other", kNone).value()), name);
  EXPECT_LE(name.size(), 32U);
  EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::node
