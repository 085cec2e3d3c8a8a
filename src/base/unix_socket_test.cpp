// SPDX-License-Identifier: Apache-2.0
#include "base/unix_socket.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/test_folder.h"

namespace bulkhead::base {
namespace {

class UnixSocketTest : public testing::TestWithParam<UnixSocketKind> {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "s"; }
  [[nodiscard]] Result<UniqueFd> Listen(int backlog = 4) const {
    return ListenUnix(path(), GetParam(), backlog);
  }
  [[nodiscard]] Result<UniqueFd> Connect() const { return ConnectUnix(path(), GetParam()); }

  const TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, UnixSocketTest,
                         testing::Values(UnixSocketKind::kStream, UnixSocketKind::kPackets));

TEST_P(UnixSocketTest, LetsItsOwnUserInAndNobodyElse) {
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.error().detail;
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_TRUE(Connect().ok());
}

TEST_P(UnixSocketTest, IsUnavailableWhenNobodyListens) {
  ASSERT_TRUE(Listen().ok());  // and ends at once
  EXPECT_EQ(Connect().error().code, Code::kUnavailable);
}

TEST_P(UnixSocketTest, ReplacesASocketThatNobodyServes) {
  ASSERT_TRUE(Listen().ok());
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.error().detail;
  EXPECT_TRUE(Connect().ok());
}

TEST_P(UnixSocketTest, LeavesOneThatIsServedAlone) {
  const auto listener = Listen();
  EXPECT_EQ(Listen().error().code, Code::kConflict);
  EXPECT_TRUE(Connect().ok());
}

TEST_P(UnixSocketTest, LeavesOneAloneWhoseServerIsBusy) {
  const auto listener = Listen(0);
  std::vector<UniqueFd> waiting;
  auto client = Connect();
  for (; client.ok(); client = Connect()) waiting.push_back(std::move(client).value());
  ASSERT_EQ(client.error().code, Code::kExhausted);
  EXPECT_EQ(Listen().error().code, Code::kConflict);
}

TEST_P(UnixSocketTest, LeavesWhatIsNoSocketAlone) {
  std::ofstream(path()) << "mine";
  EXPECT_EQ(Listen().error().code, Code::kInvalid);
  EXPECT_EQ(std::filesystem::file_size(path()), 4U);
}

TEST_P(UnixSocketTest, RefusesAPathThatDoesNotFit) {
  EXPECT_EQ(ListenUnix("", GetParam(), 1).error().code, Code::kInvalid);
  EXPECT_EQ(ListenUnix(std::string(108, 'x'), GetParam(), 1).error().code, Code::kInvalid);
  EXPECT_EQ(ConnectUnix(std::string(108, 'x'), GetParam()).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::base
