// SPDX-License-Identifier: Apache-2.0
#include "node/control_socket.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;

TEST(ControlSocket, IsItsUsersAlone) {
  const TestFolder folder;
  const std::string path = folder.path() / "socket";
  const auto listener = ListenForControl(path);
  ASSERT_TRUE(listener.ok()) << listener.error().detail;
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(ControlSocket, AcceptsItsOwnUser) {
  const TestFolder folder;
  const auto listener = ListenForControl(folder.path() / "socket");
  ASSERT_TRUE(listener.ok());
  EXPECT_FALSE(AcceptControl(listener.value().get()).value().valid());
  const auto client = ConnectControl(folder.path() / "socket");
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE(AcceptControl(listener.value().get()).value().valid());
}

TEST(ControlSocket, ReplacesOneThatNobodyServes) {
  const TestFolder folder;
  const std::string path = folder.path() / "socket";
  EXPECT_TRUE(ListenForControl(path).ok());
  EXPECT_EQ(ConnectControl(path).error().code, Code::kUnavailable);
  const auto listener = ListenForControl(path);
  ASSERT_TRUE(listener.ok()) << listener.error().detail;
  EXPECT_TRUE(ConnectControl(path).ok());
  EXPECT_EQ(ListenForControl(path).error().code, Code::kConflict);
}

TEST(ControlSocket, LeavesOtherFilesAlone) {
  const TestFolder folder;
  const std::string path = folder.path() / "file";
  std::ofstream(path) << "text";
  EXPECT_EQ(ListenForControl(path).error().code, Code::kInvalid);
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST(ControlSocket, RefusesAPathThatIsTooLong) {
  EXPECT_EQ(ListenForControl("/tmp/" + std::string(108, 'a')).error().code, Code::kInvalid);
  EXPECT_EQ(ConnectControl("").error().code, Code::kInvalid);
  EXPECT_EQ(ConnectControl("/nowhere/socket").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::node
