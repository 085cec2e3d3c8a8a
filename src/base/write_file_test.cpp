// SPDX-License-Identifier: Apache-2.0
#include "base/write_file.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/read_file.h"

namespace bulkhead::base {
namespace {

int fsyncs_until_failure = -1;  // of this thread's tests; -1: none fails
int fsyncs = 0;

}  // namespace
}  // namespace bulkhead::base

// In the place of the C library's, for this whole program.
extern "C" int fsync(int file) {
  ++bulkhead::base::fsyncs;
  if (bulkhead::base::fsyncs_until_failure >= 0 && bulkhead::base::fsyncs_until_failure-- == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace bulkhead::base {
namespace {

constexpr std::array kAbc{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};

class WriteFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }

  std::filesystem::path folder_;
};

TEST_F(WriteFileTest, StoresEveryByte) {
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc).ok());
  const auto content = ReadFile(folder_ / "abc", 10);
  ASSERT_TRUE(content.ok());
  EXPECT_TRUE(std::equal(kAbc.begin(), kAbc.end(), content.value().begin(), content.value().end()));
}

TEST_F(WriteFileTest, SaysThatTheFolderIsMissing) {
  EXPECT_EQ(WriteFile(folder_ / "missing" / "abc", kAbc).error().code, Code::kNotFound);
}

TEST_F(WriteFileTest, LeavesNothingBehindWhenItFails) {
  // A folder of that name makes the last step, the rename, fail.
  std::filesystem::create_directories(folder_ / "taken" / "inside");
  EXPECT_FALSE(WriteFile(folder_ / "taken", kAbc).ok());
  const auto begin = std::filesystem::directory_iterator(folder_);
  EXPECT_EQ(std::distance(begin, std::filesystem::directory_iterator()), 1);
}

TEST_F(WriteFileTest, SyncsTheBytesAndTheNameWhereThatIsAskedFor) {
  fsyncs = 0;
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc).ok());
  EXPECT_EQ(fsyncs, 0);
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc, Durable::kNow).ok());
  EXPECT_EQ(fsyncs, 2);
}

TEST_F(WriteFileTest, GivesAFileNoNameWhoseBytesCouldNotBeSynced) {
  fsyncs_until_failure = 0;
  EXPECT_EQ(WriteFile(folder_ / "abc", kAbc, Durable::kNow).error().code, Code::kUnavailable);
  fsyncs_until_failure = -1;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(WriteFileTest, GivesTheFileTheModeOfAnyNewFile) {
  const mode_t mask = ::umask(027);
  ASSERT_TRUE(WriteFile(folder_ / "abc", kAbc).ok());
  ::umask(mask);
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "abc").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

// Whoever sets the umask to read it gives files that other threads create just then another mode.
TEST_F(WriteFileTest, LeavesTheUmaskOfTheProcessAlone) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::array program{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_umask},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog filter{.len = program.size(), .filter = program.data()};
    const bool watched = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
    ::_exit(watched && WriteFile(folder_ / "abc", kAbc).ok() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "a signal of 31 is a call of umask";
}

TEST_F(WriteFileTest, TakesTheLongestNameThatAFileMayHave) {
  EXPECT_TRUE(WriteFile(folder_ / std::string(255, 'n'), kAbc).ok());
}

}  // namespace
}  // namespace bulkhead::base
