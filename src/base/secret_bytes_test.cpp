// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::base {
namespace {

constexpr std::size_t kPage = 4096;

UniqueFd Memfd(const std::string& content, unsigned flags = MFD_ALLOW_SEALING) {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC | flags));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return fd;
}

UniqueFd Duplicate(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

std::string Content(const UniqueFd& fd) {
  std::string content(64, '?');
  const ssize_t size = ::pread(fd.get(), content.data(), content.size(), 0);
  content.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return content;
}

bool AllZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// The flags that the kernel shows for the mapping that starts at `address`: "rd wr ... dd lo".
std::string MappingFlags(const void* address) {
  std::ostringstream start;
  start << std::hex << reinterpret_cast<uintptr_t>(address) << '-';
  std::ifstream smaps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    if (line.starts_with(start.str())) inside = true;
    if (inside && line.starts_with("VmFlags:")) return line;
  }
  return "not mapped";
}

// Exit status of `body` in a forked child.
template <typename Body>
int InChild(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(SecretBytes, AreZeroAtFirstAndAfterAWipe) {
  auto secret = SecretBytes::Allocate(3 * kPage + 1);
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(secret.value().bytes().size(), 3 * kPage + 1);
  EXPECT_TRUE(AllZero(secret.value().bytes()));
  std::ranges::fill(secret.value().bytes(), std::byte{7});
  secret.value().Wipe();
  EXPECT_TRUE(AllZero(secret.value().bytes()));
}

TEST(SecretBytes, StayOutOfCoreDumpsAndSwap) {
  const auto secret = SecretBytes::Allocate(kPage);
  ASSERT_TRUE(secret.ok());
  const std::string flags = MappingFlags(secret.value().bytes().data());
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
  EXPECT_NE(flags.find(" wf"), std::string::npos) << flags;
  EXPECT_EQ(flags.find(" lo") != std::string::npos, secret.value().locked()) << flags;
}

TEST(SecretBytes, SayWhenTheLimitForbidsLocking) {
  EXPECT_EQ(InChild([] {
              const rlimit none{0, 0};
              // CAP_IPC_LOCK stands above the limit; another user does not have it.
              if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 10;
              if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 11;
              const auto secret = SecretBytes::Allocate(kPage);
              if (!secret.ok()) return 12;
              return secret.value().locked() ? 1 : 0;
            }),
            0);
}

TEST(SecretBytes, AreZeroInAForkedChild) {
  auto secret = SecretBytes::Allocate(kPage);
  ASSERT_TRUE(secret.ok());
  std::ranges::fill(secret.value().bytes(), std::byte{7});
  EXPECT_EQ(InChild([&] { return AllZero(secret.value().bytes()) ? 0 : 1; }), 0);
}

TEST(SecretBytes, GoWithTheirOwner) {
  auto first = SecretBytes::Allocate(kPage);
  ASSERT_TRUE(first.ok());
  const void* address = first.value().bytes().data();
  {
    const SecretBytes second = std::move(first).value();
    EXPECT_EQ(second.bytes().data(), address);
    EXPECT_TRUE(first.value().bytes().empty());
  }
  EXPECT_EQ(MappingFlags(address), "not mapped");
}

TEST(SecretBytesFromMemfd, AreTheFilesContent) {
  const auto secret = SecretBytes::AdoptMemfd(Memfd("weights"), 7);
  ASSERT_TRUE(secret.ok()) << secret.error().detail;
  const auto bytes = secret.value().bytes();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "weights");
  const std::string flags = MappingFlags(bytes.data());
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dc"), std::string::npos) << flags;
}

TEST(SecretBytesFromMemfd, AreWipedForEveryHolderOfTheFile) {
  UniqueFd memfd = Memfd("weights");
  const UniqueFd other = Duplicate(memfd);
  {
    const auto secret = SecretBytes::AdoptMemfd(std::move(memfd), 64);
    ASSERT_TRUE(secret.ok());
    EXPECT_EQ(Content(other), "weights");
  }
  EXPECT_EQ(Content(other), std::string(7, '\0'));
}

TEST(SecretBytesFromMemfd, CloseTheDescriptorAtOnce) {
  UniqueFd memfd = Memfd("weights");
  const int number = memfd.get();
  const auto secret = SecretBytes::AdoptMemfd(std::move(memfd), 64);
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(SecretBytesFromMemfd, RefuseAFileThatHasAName) {
  for (const std::string& folder : {testing::TempDir(), std::string("/dev/shm/")}) {
    const std::string path = folder + "secret_bytes_test.weights";
    std::ofstream(path) << "the only copy";
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(file.valid()) << path;
    EXPECT_EQ(SecretBytes::AdoptMemfd(std::move(file), 64).error().code, Code::kInvalid) << path;
    std::string content;
    std::getline(std::ifstream(path), content);
    EXPECT_EQ(content, "the only copy");
    ::unlink(path.c_str());
  }
}

TEST(SecretBytesFromMemfd, RefuseWhatCannotBeWiped) {
  for (const int seal : {F_SEAL_WRITE, F_SEAL_FUTURE_WRITE}) {
    UniqueFd memfd = Memfd("weights");
    ASSERT_EQ(::fcntl(memfd.get(), F_ADD_SEALS, seal), 0);
    EXPECT_EQ(SecretBytes::AdoptMemfd(std::move(memfd), 64).error().code, Code::kDenied);
  }
}

TEST(SecretBytesFromMemfd, RefuseAnEmptyAndATooLargeFile) {
  EXPECT_EQ(SecretBytes::AdoptMemfd(Memfd(""), 64).error().code, Code::kInvalid);
  EXPECT_EQ(SecretBytes::AdoptMemfd(Memfd("weights"), 6).error().code, Code::kExhausted);
  EXPECT_FALSE(SecretBytes::AdoptMemfd(UniqueFd(), 64).ok());
  EXPECT_EQ(SecretBytes::AdoptMemfd(UniqueFd(::open("/dev/zero", O_RDWR)), 64).error().code,
            Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::base
