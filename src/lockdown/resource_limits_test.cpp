// SPDX-License-Identifier: Apache-2.0
#include "lockdown/resource_limits.h"

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

struct Limit {
  uint64_t soft;
  uint64_t hard;
  friend bool operator==(const Limit&, const Limit&) = default;
};

// Raw: under a limit of address space the sanitizers' own calls would fail.
Limit Read(int resource) {
  Limit limit{};
  ::syscall(SYS_prlimit64, 0, resource, nullptr, &limit);
  return limit;
}

Limit LimitAfter(const ResourceLimits& limits, int resource) {
  const ChildEnd end = RunInChild([&](int said) {
    if (const int error = ApplyResourceLimits(limits); error != 0) return error;
    Say(said, Read(resource));
    return 0;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
  return Heard<Limit>(end);
}

void ExpectBoth(const Limit& limit, uint64_t value) {
  EXPECT_EQ(limit.soft, value);
  EXPECT_EQ(limit.hard, value);
}

TEST(ResourceLimits, AllowNeitherCoreDumpsNorWrittenFiles) {
  for (const int resource : {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_MSGQUEUE, RLIMIT_RTPRIO}) {
    ExpectBoth(LimitAfter({}, resource), 0);
  }
}

TEST(ResourceLimits, AreTheNumbersThatWereAskedFor) {
  const ResourceLimits limits{.open_files = 17,
                              .address_space_bytes = uint64_t{1} << 30,
                              .locked_bytes = 4096,
                              .processes = 5};
  ExpectBoth(LimitAfter(limits, RLIMIT_NOFILE), 17);
  ExpectBoth(LimitAfter(limits, RLIMIT_AS), uint64_t{1} << 30);
  ExpectBoth(LimitAfter(limits, RLIMIT_MEMLOCK), 4096);
  ExpectBoth(LimitAfter(limits, RLIMIT_NPROC), 5);
}

TEST(ResourceLimits, LeaveAddressSpaceAndProcessesAloneWhenZero) {
  EXPECT_EQ(LimitAfter({}, RLIMIT_AS), Read(RLIMIT_AS));
  EXPECT_EQ(LimitAfter({}, RLIMIT_NPROC), Read(RLIMIT_NPROC));
}

TEST(ResourceLimits, KeepALimitThatIsLowerAlready) {
  const ChildEnd end = RunInChild([](int said) {
    const rlimit low{.rlim_cur = 8, .rlim_max = 9};
    if (::setrlimit(RLIMIT_NOFILE, &low) != 0) return 100;
    if (const int error = ApplyResourceLimits({.open_files = 32}); error != 0) return error;
    Say(said, Read(RLIMIT_NOFILE));
    return 0;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
  ExpectBoth(Heard<Limit>(end), 9);
}

TEST(ResourceLimits, LetDescriptorsRunOut) {
  const ChildEnd end = RunInChild([](int) {
    if (const int error = ApplyResourceLimits({.open_files = 12}); error != 0) return error;
    for (int i = 0; i < 20; ++i) {
      if (::syscall(SYS_dup, 0) < 0) return errno == EMFILE ? 0 : 101;
    }
    return 102;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
}

TEST(ResourceLimits, EndAProcessThatWritesAFile) {
  const std::string path = testing::TempDir() + "/bulkhead_resource_limits_test";
  const ChildEnd end = RunInChild([&path](int) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return 100;
    if (const int error = ApplyResourceLimits({}); error != 0) return error;
    ::syscall(SYS_write, file, "x", 1);
    return 101;
  });
  ::unlink(path.c_str());
  EXPECT_TRUE(end.DiedOf(SIGXFSZ)) << end.wait_status;
}

}  // namespace
}  // namespace bulkhead::lockdown
