// SPDX-License-Identifier: Apache-2.0
// The real program with a real network, locked as it serves, but in no compartment: what it does by
// itself.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
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
#include "channel/wire_enum.h"

namespace bulkhead {
namespace {

using base::Code;
using channel::BlockingClient;
using channel::WorkerState;
using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{120};

std::vector<std::byte> File(const std::string& path) {
  auto content = base::ReadFile(BULKHEAD_SOURCE_DIR "/" + path, std::size_t{64} << 20);
  EXPECT_TRUE(content.ok()) << path;
  return content.ok() ? std::move(content).value() : std::vector<std::byte>();
}

base::UniqueFd Memfd(std::span<const std::byte> content) {
  base::UniqueFd fd(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
  return fd;
}

std::string ReadAll(int fd) {
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
  explicit WorkerProgram(const std::vector<std::byte>& model) {
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
    if (pid_ == 0) Become(inherited);
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

  base::Result<BlockingClient> Connect() {
    return BlockingClient::Connect(std::move(client_), kPatience);
  }

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
      if (record->state == WorkerState::kViolated)
        return "violated " + std::to_string(record->value);
    }
    if (WIFEXITED(status)) return "exited " + std::to_string(WEXITSTATUS(status));
    return "signal " + std::to_string(WTERMSIG(status));
  }

  // What it wrote before its end.
  std::string Log() { return ReadAll(log_.get()); }

 private:
  [[noreturn]] static void Become(std::span<const std::pair<int, int>> inherited) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // Out of the way of the numbers that are to be taken.
    std::array<int, 5> high{};
    for (std::size_t i = 0; i < inherited.size(); ++i) {
      high.at(i) = ::fcntl(inherited[i].first, F_DUPFD, 64);
    }
    for (std::size_t i = 0; i < inherited.size(); ++i) ::dup2(high.at(i), inherited[i].second);
    for (const int fd : high) ::close(fd);
    ::execl(BULKHEAD_WORKER, BULKHEAD_WORKER, nullptr);
    ::_exit(127);
  }

  pid_t pid_ = -1;
  base::UniqueFd client_;
  base::UniqueFd status_;
  base::UniqueFd log_;
};

// A WebP picture of one colour, whose pixels take no bytes at all (the VP8L format's codes of one
// symbol).
std::vector<std::byte> OneColour(uint32_t width, uint32_t height) {
  std::vector<uint8_t> file{'R',  'I',  'F',  'F',  0x1a, 0,    0,    0,    'W',  'E', 'B', 'P',
                            'V',  'P',  '8',  'L',  0x0d, 0,    0,    0,    0x2f, 0,   0,   0,
                            0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0};
  const uint32_t size = (width - 1) | ((height - 1) << 14U) | (1U << 28U);
  for (std::size_t i = 0; i < 4; ++i) file[21 + i] = static_cast<uint8_t>(size >> (8 * i));
  const auto bytes = std::as_bytes(std::span(file));
  return {bytes.begin(), bytes.end()};
}

class WorkerProgramTest : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the lock forbids calls that the sanitizers make; use a build without";
#endif
  }

  const std::vector<std::byte> model_ = File("models/line-inspection/line-inspection.onnx");
  const std::vector<std::byte> picture_ = File("models/line-inspection/samples/part-02.jpg");
};

TEST_F(WorkerProgramTest, FindsWhatIsThereAndFinishes) {
  WorkerProgram worker(model_);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kReady);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok()) << client.error().detail;
  EXPECT_EQ(client.value().hello().engine, "ONNX Runtime (cpu)");
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.value().Detect(picture_, {}, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    EXPECT_FALSE(reply.value().result.detections.empty());
  }
  EXPECT_TRUE(client.value().Drain(kPatience).ok());
  EXPECT_EQ(worker.End(), "exited 0");
  EXPECT_EQ(worker.Log(), "");
}

TEST_F(WorkerProgramTest, IsLockedWhenItIsReady) {
  WorkerProgram worker(model_);
  while (worker.NextStatus()->state != WorkerState::kReady) {
  }
  std::ifstream status("/proc/" + std::to_string(worker.pid()) + "/status");
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  EXPECT_THAT(text, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(text, HasSubstr("Seccomp:\t2"));
}

TEST_F(WorkerProgramTest, SaysInOneLineThatAModelIsNone) {
  WorkerProgram worker(File("tests/data/onnx/not_yolo.onnx"));
  const auto client = worker.Connect();
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, Code::kUnsupported);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->code, channel::WireOf(Code::kUnsupported));
  EXPECT_EQ(worker.End(), "exited 1");
  const std::string log = worker.Log();
  EXPECT_THAT(log, testing::StartsWith("bulkhead-worker: unsupported: "));
  EXPECT_EQ(std::ranges::count(log, '\n'), 1);
}

TEST_F(WorkerProgramTest, EndsWithItsClient) {
  WorkerProgram worker(model_);
  {
    const auto client = worker.Connect();
  }
  EXPECT_EQ(worker.End(), "exited 0");
}

TEST_F(WorkerProgramTest, GoesOnAfterAPictureThatItsMemoryDoesNotHold) {
  WorkerProgram worker(model_);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE(client.value().Detect(OneColour(64, 64), {}, kPatience).ok());
  worker.LimitMemory(64U << 20U);
  // 98 million pixels: 295 MB.
  const auto reply = client.value().Detect(OneColour(16383, 6000), {}, kPatience);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Code::kExhausted) << reply.error().detail;
  EXPECT_TRUE(client.value().Detect(picture_, {}, kPatience).ok());
}

TEST_F(WorkerProgramTest, SaysThatItEndedForWantOfMemory) {
  WorkerProgram worker(model_);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok());
  worker.LimitMemory(16U << 20U);
  // The bytes of the request alone are too many.
  const std::vector<std::byte> large(std::size_t{60} << 20);
  EXPECT_FALSE(client.value().Detect(large, {}, kPatience).ok());
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kReady);
  const auto failed = worker.NextStatus();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, WorkerState::kFailed);
  EXPECT_EQ(failed->code, channel::WireOf(Code::kExhausted));
  EXPECT_EQ(worker.End(), "exited 1");
  EXPECT_EQ(worker.Log(), "bulkhead-worker: exhausted: out of memory\n");
}

}  // namespace
}  // namespace bulkhead
