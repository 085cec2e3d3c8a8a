// SPDX-License-Identifier: Apache-2.0
// With --ordinary-user the suite runs as user and group 65534 without any rights, which takes root
// to become; without root it is skipped (status 77), and runs as the user who it is anyway. Skipped
// as well is all of it where the kernel refuses what every compartment here needs, as in a chroot.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>

#include <gmock/gmock.h>
#include <grp.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kSkipped = 77;
constexpr uid_t kNobody = 65534;

bool BecomeNobody() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

// The error of the kernel when a process asks for a user namespace of its own, and 0 where it gets
// one. Not the product's own answer: a mistake in that must fail, not skip.
int ErrorOfUserNamespaces() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 0;
  return WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--ordinary-user") {
    if (::geteuid() != 0 || !BecomeNobody()) {
      std::cout << "skipped: it takes root to become another user\n";
      return kSkipped;
    }
    if (::access(BULKHEAD_HOSTILE_WORKER, X_OK) != 0) {
      std::cout << "skipped: the programs are where another user may not read them\n";
      return kSkipped;
    }
  }
  if (const int error = ErrorOfUserNamespaces(); error != 0 && !GTEST_FLAG_GET(list_tests)) {
    std::cout << "skipped: this machine gives no sandbox: the kernel refuses user namespaces here ("
              << ::strerrordesc_np(error) << "); bulkhead doctor says why\n";
    return kSkipped;
  }
  return RUN_ALL_TESTS();
}
