// SPDX-License-Identifier: Apache-2.0
// The real program with a real network, locked as it serves, but in no compartment: what it does by
// itself.
#include "worker_program.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/blocking_client.h"
#include "channel/inheritance.h"
#include "channel/wire_enum.h"

namespace bulkhead {
namespace {

using base::Code;
using channel::WorkerState;
using testing::HasSubstr;

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
