// SPDX-License-Identifier: Apache-2.0
#include "base/home_folder.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <unistd.h>

namespace bulkhead::base {
namespace {

constexpr uid_t kNobody = 65'534;

class HomeFolderTest : public testing::Test {
 protected:
  HomeFolderTest() {
    for (const char* name : {"BULKHEAD_HOME", "XDG_STATE_HOME", "HOME"}) ::unsetenv(name);
  }
  ~HomeFolderTest() override { EXPECT_EQ(::seteuid(::getuid()), 0); }

  // Root's place is another; whoever runs the tests becomes an ordinary user.
  static void BeOrdinary() {
    if (::geteuid() == 0) {
      ASSERT_EQ(::seteuid(kNobody), 0);
    }
  }
};

TEST_F(HomeFolderTest, IsWhatTheEnvironmentSaysBeforeAllElse) {
  ::setenv("BULKHEAD_HOME", "/srv/bulkhead", 1);
  ::setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(HomeFolder(), "/srv/bulkhead");
}

TEST_F(HomeFolderTest, OfAnOrdinaryUserIsInTheFolderForState) {
  BeOrdinary();
  ::setenv("HOME", "/home/someone", 1);
  EXPECT_EQ(HomeFolder(), "/home/someone/.local/state/bulkhead");
  ::setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(HomeFolder(), "/state/bulkhead");
}

}  // namespace
}  // namespace bulkhead::base
