// SPDX-License-Identifier: Apache-2.0
#include "lockdown/capabilities.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lockdown/process_flags.h"
#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

struct Held {
  __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];
  int bounding;  // how many of the bounding set
  int ambient;
  int securebits;
};

Held WhatIsHeld() {
  Held held{};
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  ::syscall(SYS_capget, &header, held.words);
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) ++held.bounding;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1) ++held.ambient;
  }
  held.securebits = ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  return held;
}

bool MayEmptyTheBoundingSet() {
  return (WhatIsHeld().words[0].effective & (1U << CAP_SETPCAP)) != 0;
}

// Every set filled as far as this process may.
void FillEverySet() {
  Held held = WhatIsHeld();
  for (auto& word : held.words) word.inheritable = word.effective = word.permitted;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  ::syscall(SYS_capset, &header, held.words);
  for (unsigned long capability = 0; capability < 64; ++capability) {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  }
}

// Gives up what the sets allow now, but leaves the bounding set as it is.
void BecomePowerless() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  ::syscall(SYS_capset, &header, none);
}

TEST(DropCapabilities, EmptiesEverySet) {
  if (!MayEmptyTheBoundingSet()) GTEST_SKIP() << "needs CAP_SETPCAP";
  const ChildEnd end = RunInChild([](int said) {
    FillEverySet();
    if (WhatIsHeld().ambient == 0) return 100;
    if (const int error = DropCapabilities(); error != 0) return error;
    Say(said, WhatIsHeld());
    return 0;
  });
  ASSERT_TRUE(end.ExitedWith(0)) << end.wait_status;
  const Held held = Heard<Held>(end);
  for (const auto& word : held.words) {
    EXPECT_EQ(word.effective | word.permitted | word.inheritable, 0U);
  }
  EXPECT_EQ(held.bounding, 0);
  EXPECT_EQ(held.ambient, 0);
}

TEST(DropCapabilities, LocksThatUserIdZeroMeansNothing) {
  if (!MayEmptyTheBoundingSet()) GTEST_SKIP() << "needs CAP_SETPCAP";
  const ChildEnd end = RunInChild([](int said) {
    if (const int error = DropCapabilities(); error != 0) return error;
    Say(said, WhatIsHeld());
    return 0;
  });
  ASSERT_TRUE(end.ExitedWith(0)) << end.wait_status;
  constexpr int kExpected =
      SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_CAP_AMBIENT_RAISE | SECURE_ALL_LOCKS;
  EXPECT_EQ(Heard<Held>(end).securebits & kExpected, kExpected);
}

TEST(DropCapabilities, ContentsItselfWithNoNewPrivilegesWhereItMayNotEmptyTheBoundingSet) {
  const ChildEnd end = RunInChild([](int) {
    BecomePowerless();
    return SetNoNewPrivileges() == 0 ? DropCapabilities() : 100;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
}

TEST(DropCapabilities, FailsWhereABoundingSetWouldStayUseful) {
  if (WhatIsHeld().bounding == 0) GTEST_SKIP() << "the bounding set is empty already";
  const ChildEnd end = RunInChild([](int) {
    BecomePowerless();
    return DropCapabilities();
  });
  EXPECT_TRUE(end.ExitedWith(EPERM)) << end.wait_status;
}

TEST(DropCapabilities, CanBeDoneTwice) {
  const ChildEnd end = RunInChild([](int) {
    if (SetNoNewPrivileges() != 0) return 100;
    if (const int error = DropCapabilities(); error != 0) return error;
    return DropCapabilities();
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
}

}  // namespace
}  // namespace bulkhead::lockdown
