// SPDX-License-Identifier: Apache-2.0
#include "lockdown/process_flags.h"

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

TEST(ProcessFlags, SayThatNoPrivilegesAreGained) {
  const ChildEnd end = RunInChild([](int) {
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0) return 100;
    if (SetNoNewPrivileges() != 0) return 101;
    return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  });
  EXPECT_TRUE(end.ExitedWith(1)) << end.wait_status;
}

TEST(ProcessFlags, SayThatNothingIsDumped) {
  const ChildEnd end = RunInChild([](int) {
    if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return 100;
    if (SetNotDumpable() != 0) return 101;
    return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
}

TEST(DieWithParent, IsAskedOfTheKernelWhileTheParentLives) {
  int alive[2];
  ASSERT_EQ(::pipe(alive), 0);
  const ChildEnd end = RunInChild([&alive](int) {
    ::close(alive[1]);
    if (DieWithParent(alive[0]) != 0) return 100;
    int signal = 0;
    return ::prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0) == 0 ? signal : 101;
  });
  EXPECT_TRUE(end.ExitedWith(SIGKILL)) << end.wait_status;
  ::close(alive[0]);
  ::close(alive[1]);
}

TEST(DieWithParent, NoticesAParentThatIsGoneAlready) {
  int alive[2];
  ASSERT_EQ(::pipe(alive), 0);
  ::close(alive[1]);
  const ChildEnd end = RunInChild([&alive](int) { return DieWithParent(alive[0]); });
  EXPECT_TRUE(end.ExitedWith(ESRCH)) << end.wait_status;
  ::close(alive[0]);
}

TEST(DieWithParent, RefusesADescriptorThatIsNone) {
  const ChildEnd end = RunInChild([](int) { return DieWithParent(999); });
  EXPECT_TRUE(end.ExitedWith(EBADF)) << end.wait_status;
}

// The grandchild holds the pipe that RunInChild reads to its end: it returns only when both are
// gone, and the child is gone at once.
TEST(DieWithParent, EndsTheProcessWithTheOneThatMadeIt) {
  const ChildEnd end = RunInChild([](int said) {
    int alive[2];
    int ready[2];
    if (::pipe(alive) != 0 || ::pipe(ready) != 0) return 100;
    if (::fork() == 0) {
      ::close(alive[1]);
      Say(ready[1], DieWithParent(alive[0]));
      ::poll(nullptr, 0, 10'000);
      Say(said, 'x');  // it lives on
      ::_exit(0);
    }
    int error = -1;
    if (::read(ready[0], &error, sizeof error) != sizeof error) return 101;
    Say(said, 'r');
    return error;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
  EXPECT_EQ(end.said, "r");
}

}  // namespace
}  // namespace bulkhead::lockdown
