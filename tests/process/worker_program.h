// SPDX-License-Identifier: Apache-2.0
// A worker's program as a child of the test, with what it inherits, but in no compartment.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/read_file.h"
#include "base/unique_fd.h"
#include "channel/blocking_client.h"
#include "channel/inheritance.h"
#include "channel/setup.h"

namespace bulkhead {

inline constexpr std::chrono::seconds kPatience{120};

inline std::vector<std::byte> File(const std::string& path) {
  auto content = base::ReadFile(BULKHEAD_SOURCE_DIR "/" + path, std::size_t{64} << 20);
  EXPECT_TRUE(content.ok()) << path;
  return content.ok() ? std::move(content).value() : std::vector<std::byte>();
}

inline base::UniqueFd Memfd(std::span<const std::byte> content) {
  base::UniqueFd fd(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
  return fd;
}

inline std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    read = base::UniqueFd(ends[0]);
    write = base::UniqueFd(ends[1]);
  }
  base::UniqueFd read;
  base::UniqueFd write;
};

// The program as a child, with what it inherits.
class WorkerProgram {
 public:
  explicit WorkerProgram(const std::vector<std::byte>& model,
                         const char* program = BULKHEAD_WORKER) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_ = base::UniqueFd(ends[0]);
    const base::UniqueFd frames(ends[1]);
    const base::UniqueFd weights = Memfd(model);
    const base::UniqueFd setup = Memfd(channel::EncodeSetup({}).value());
    Pipe status;
    Pipe log;
    const std::array<std::pair<int, int>, 5> inherited{{{log.write.get(), STDERR_FILENO},
                                                        {frames.get(), channel::kFramesFd},
                                                        {weights.get(), channel::kWeightsFd},
                                                        {setup.get(), channel::kSetupFd},
                                                        {status.write.get(), channel::kStatusFd}}};
    pid_ = ::fork();
    if (pid_ == 0) Become(program, inherited);
    status_ = std::move(status.read);
    log_ = std::move(log.read);
  }
  WorkerProgram(const WorkerProgram&) = delete;
  WorkerProgram& operator=(const WorkerProgram&) = delete;
  ~WorkerProgram() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // To what it has now and so many bytes more.
  void LimitMemory(rlim_t more) const {
    std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
    rlim_t pages = 0;
    ASSERT_TRUE(statm >> pages);
    const rlim_t bytes = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more;
    const rlimit limit{bytes, bytes};
    ASSERT_EQ(::prlimit(pid_, RLIMIT_AS, &limit, nullptr), 0);
  }

  base::Result<channel::BlockingClient> Connect() {
    return channel::BlockingClient::Connect(std::move(client_), kPatience);
  }

  // The client's end, for a client of another kind.
  base::UniqueFd TakeSocket() { return std::move(client_); }

  std::optional<channel::StatusRecord> NextStatus() {
    std::array<std::byte, channel::kStatusRecordBytes> bytes{};
    if (::read(status_.get(), bytes.data(), bytes.size()) <= 0) return std::nullopt;
    return channel::ParseStatus(bytes);
  }

  // Waits for the end: "exited 0", "signal 9", "violated 57".
  std::string End() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    while (const auto record = NextStatus()) {
      if (record->state == channel::WorkerState::kViolated)
        return "violated " + std::to_string(record->value);
    }
    if (WIFEXITED(status)) return "exited " + std::to_string(WEXITSTATUS(status));
    return "signal " + std::to_string(WTERMSIG(status));
  }

  // What it wrote before its end.
  std::string Log() { return ReadAll(log_.get()); }

 private:
  [[noreturn]] static void Become(const char* program,
                                  std::span<const std::pair<int, int>> inherited) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // Out of the way of the numbers that are to be taken.
    std::array<int, 5> high{};
    for (std::size_t i = 0; i < inherited.size(); ++i) {
      high.at(i) = ::fcntl(inherited[i].first, F_DUPFD, 64);
    }
    for (std::size_t i = 0; i < inherited.size(); ++i) ::dup2(high.at(i), inherited[i].second);
    for (const int fd : high) ::close(fd);
    ::execl(program, program, nullptr);
    ::_exit(127);
  }

  pid_t pid_ = -1;
  base::UniqueFd client_;
  base::UniqueFd status_;
  base::UniqueFd log_;
};

}  // namespace bulkhead
