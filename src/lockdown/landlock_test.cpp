// SPDX-License-Identifier: Apache-2.0
#include "lockdown/landlock.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/test_folder.h"
#include "lockdown/process_flags.h"
#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

// In network order on the little-endian machines that this product runs on.
constexpr uint32_t kLoopback = 0x0100007f;
constexpr uint16_t kDiscardPort = 9 << 8;

constexpr int kNewestAbi = 7;  // that landlock.cpp makes use of

// A folder with a readable file in it and a secret beside it.
class Landlock : public testing::Test {
 protected:
  void SetUp() override {
    abi_ = LandlockAbi();
    if (abi_ == 0) GTEST_SKIP() << "this kernel has no Landlock";
    open_ = folder_.path() / "open";
    secret_ = folder_.path() / "secret";
    std::filesystem::create_directory(open_);
    for (const std::string& path : {open_ + "/file", secret_}) {
      ::close(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0700));
    }
  }

  // What `attempt` comes to, an errno or 0, in a child restricted as far as `abi`.
  [[nodiscard]] int Attempt(const LandlockRules& rules, int abi,
                            const std::function<int()>& attempt) const {
    const ChildEnd end = RunInChild([&](int) {
      if (SetNoNewPrivileges() != 0) return 200;
      if (const int error = RestrictWithLandlock(rules, abi); error != 0) return 201;
      return attempt();
    });
    return WIFEXITED(end.wait_status) ? WEXITSTATUS(end.wait_status) : -1;
  }

  static int Open(const std::string& path, int flags) {
    const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    ::close(file);
    return 0;
  }

  int abi_ = 0;
  const base::TestFolder folder_;
  std::string open_;
  std::string secret_;
};

#define NEEDS_ABI(wanted) \
  if (abi_ < (wanted)) GTEST_SKIP() << "needs Landlock ABI " << (wanted) << ", here is " << abi_

TEST_F(Landlock, ShowsTheFilesOfItsRulesAndNoOthers) {
  const LandlockRules rules{.readable = {open_}};
  for (int abi = 1; abi <= std::min(abi_, kNewestAbi); ++abi) {
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open(open_ + "/file", O_RDONLY); }), 0) << abi;
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open(open_, O_RDONLY | O_DIRECTORY); }), 0) << abi;
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open(secret_, O_RDONLY); }), EACCES) << abi;
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open("/proc/self/status", O_RDONLY); }), EACCES);
  }
}

TEST_F(Landlock, ShowsASingleFile) {
  const LandlockRules rules{.readable = {secret_}};
  EXPECT_EQ(Attempt(rules, abi_, [&] { return Open(secret_, O_RDONLY); }), 0);
  EXPECT_EQ(Attempt(rules, abi_, [&] { return Open(open_ + "/file", O_RDONLY); }), EACCES);
}

TEST_F(Landlock, LetsNothingBeWrittenMadeOrRemoved) {
  const LandlockRules rules{.readable = {open_}};
  for (int abi = 1; abi <= std::min(abi_, kNewestAbi); ++abi) {
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open(open_ + "/file", O_WRONLY); }), EACCES);
    EXPECT_EQ(Attempt(rules, abi, [&] { return Open(open_ + "/new", O_RDONLY | O_CREAT); }),
              EACCES);
    EXPECT_EQ(
        Attempt(rules, abi, [&] { return ::unlink((open_ + "/file").c_str()) == 0 ? 0 : errno; }),
        EACCES);
    EXPECT_EQ(Attempt(rules, abi,
                      [&] { return ::mkdir((open_ + "/folder").c_str(), 0700) == 0 ? 0 : errno; }),
              EACCES);
  }
}

TEST_F(Landlock, ExecutesOnlyWhatIsReadable) {
  const std::string program = "/bin/true";
  if (::access(program.c_str(), X_OK) != 0) GTEST_SKIP() << "no " << program;
  const auto exec = [&program] {
    char* arguments[] = {const_cast<char*>(program.c_str()), nullptr};
    ::execv(program.c_str(), arguments);
    return errno;
  };
  EXPECT_EQ(Attempt({.readable = {"/"}}, abi_, exec), 0);
  EXPECT_EQ(Attempt({.readable = {open_}}, abi_, exec), EACCES);
}

TEST_F(Landlock, StopsTruncationFromAbi3) {
  NEEDS_ABI(3);
  const auto truncate = [&] { return ::truncate(secret_.c_str(), 0) == 0 ? 0 : errno; };
  EXPECT_EQ(Attempt({}, 3, truncate), EACCES);
  EXPECT_EQ(Attempt({}, 2, truncate), 0);
}

TEST_F(Landlock, StopsTcpFromAbi4) {
  NEEDS_ABI(4);
  const auto bind = [] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = kLoopback;
    return ::bind(socket, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0 ? 0 : errno;
  };
  const auto connect = [] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in nobody{};
    nobody.sin_family = AF_INET;
    nobody.sin_port = kDiscardPort;
    nobody.sin_addr.s_addr = kLoopback;
    return ::connect(socket, reinterpret_cast<sockaddr*>(&nobody), sizeof nobody) == 0 ? 0 : errno;
  };
  EXPECT_EQ(Attempt({}, 4, bind), EACCES);
  EXPECT_EQ(Attempt({}, 4, connect), EACCES);
  EXPECT_EQ(Attempt({}, 3, bind), 0);
  EXPECT_NE(Attempt({}, 3, connect), EACCES);
}

TEST_F(Landlock, GivesIoctlToDevicesOnlyFromAbi5) {
  NEEDS_ABI(5);
  // /dev/null answers no request: ENOTTY says that the device was asked.
  const auto ask = [] {
    const int device = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (device < 0) return 202;
    return ::ioctl(device, TIOCGWINSZ, nullptr) == 0 ? 0 : errno;
  };
  EXPECT_EQ(Attempt({.devices = {"/dev/null"}}, 5, ask), ENOTTY);
  EXPECT_EQ(Attempt({.readable = {"/dev/null"}}, 5, ask), EACCES);
  EXPECT_EQ(Attempt({.readable = {"/dev/null"}}, 4, ask), ENOTTY);
}

TEST_F(Landlock, OpensDevicesForWriting) {
  for (int abi = 1; abi <= std::min(abi_, kNewestAbi); ++abi) {
    EXPECT_EQ(Attempt({.devices = {"/dev/null"}}, abi, [] { return Open("/dev/null", O_RDWR); }),
              0);
  }
}

TEST_F(Landlock, StopsSignalsToOthersFromAbi6) {
  NEEDS_ABI(6);
  const auto signal = [] { return ::kill(::getppid(), 0) == 0 ? 0 : errno; };
  EXPECT_EQ(Attempt({}, 6, signal), EPERM);
  EXPECT_EQ(Attempt({}, 5, signal), 0);
}

TEST_F(Landlock, StopsAbstractSocketsFromAbi6) {
  NEEDS_ABI(6);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof(sa_family_t);  // the kernel chooses an abstract name
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto connect = [&] {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return ::connect(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0 : errno;
  };
  EXPECT_EQ(Attempt({}, 6, connect), EPERM);
  EXPECT_EQ(Attempt({}, 5, connect), 0);
  ::close(listener);
}

TEST_F(Landlock, FailsOnAPathThatIsNotThere) {
  const LandlockRules rules{.readable = {folder_.path() / "absent"}};
  const ChildEnd end = RunInChild(
      [&](int) { return SetNoNewPrivileges() == 0 ? RestrictWithLandlock(rules, abi_) : 200; });
  EXPECT_TRUE(end.ExitedWith(ENOENT)) << end.wait_status;
}

TEST_F(Landlock, NeedsNoNewPrivileges) {
  const ChildEnd end = RunInChild([&](int) {
    ::syscall(SYS_setresuid, 65534, 65534, 65534);
    return RestrictWithLandlock({}, abi_);
  });
  EXPECT_TRUE(end.ExitedWith(EPERM)) << end.wait_status;
}

TEST(LandlockWithoutKernel, IsAnErrorAndNotSilence) {
  EXPECT_EQ(RestrictWithLandlock({}, 0), EOPNOTSUPP);
}

}  // namespace
}  // namespace bulkhead::lockdown
