// SPDX-License-Identifier: Apache-2.0
// With --ordinary-user everything runs as user and group 65534 without any rights, which takes root
// to become; where that does not work it is skipped (status 77).
#include <iostream>
#include <string_view>

#include <gmock/gmock.h>
#include <grp.h>
#include <unistd.h>

namespace {

constexpr int kSkipped = 77;
constexpr uid_t kNobody = 65534;

bool BecomeNobody() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--ordinary-user") {
    if (::geteuid() != 0 || !BecomeNobody()) {
      std::cout << "skipped: it takes root to become another user\n";
      return kSkipped;
    }
    if (::access(BULKHEAD_NODE, X_OK) != 0) {
      std::cout << "skipped: the programs are where another user may not read them\n";
      return kSkipped;
    }
  }
  return RUN_ALL_TESTS();
}
