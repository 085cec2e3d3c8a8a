// SPDX-License-Identifier: Apache-2.0
#include "lockdown/code_freeze.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lockdown/process_flags.h"
#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

constexpr int kSurvived = 1;

// A child whose code is frozen, then makes one call.
template <typename Call>
ChildEnd RunFrozen(Call call) {
  return RunInChild([&call](int) {
    if (SetNoNewPrivileges() != 0) return 100;
    if (FreezeCode() != 0) return 101;
    call();
    return kSurvived;
  });
}

long Map(int protection, int flags, int fd) {
  return ::syscall(SYS_mmap, nullptr, 4096UL, protection, flags, fd, 0);
}

TEST(FreezeCode, EndsAProcessThatMapsAFileAsCode) {
  const int file = ::memfd_create("code", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(file, 4096), 0);
  const auto end = RunFrozen([file] { Map(PROT_READ | PROT_EXEC, MAP_PRIVATE, file); });
  ::close(file);
  EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
}

TEST(FreezeCode, EndsAProcessThatMakesItsMemoryCode) {
  void* page = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  for (const long call : {SYS_mprotect, SYS_pkey_mprotect}) {
    const auto end =
        RunFrozen([call, page] { ::syscall(call, page, 4096UL, PROT_READ | PROT_EXEC, -1); });
    EXPECT_TRUE(end.DiedOf(SIGSYS)) << call;
  }
  ::munmap(page, 4096);
}

TEST(FreezeCode, LeavesOtherMemoryAlone) {
  const auto end = RunFrozen([] {
    const long page = Map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (page == -1 || ::syscall(SYS_mprotect, page, 4096UL, PROT_READ) != 0) ::_exit(7);
  });
  EXPECT_TRUE(WIFEXITED(end.wait_status));
  EXPECT_EQ(WEXITSTATUS(end.wait_status), kSurvived);
}

TEST(FreezeCode, NeedsNoNewPrivilegesOrTheRightToAdministrate) {
  if (::geteuid() == 0) GTEST_SKIP() << "root has that right";
  EXPECT_EQ(FreezeCode(), EACCES);
}

}  // namespace
}  // namespace bulkhead::lockdown
