// SPDX-License-Identifier: Apache-2.0
// Raw tensors through the real program give what the runtime gives in this process, bit for bit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "channel/blocking_client.h"
#include "channel/message_header.h"
#include "engine/onnxruntime_engine.h"
#include "worker_program.h"

namespace bulkhead {
namespace {

using base::Code;
using channel::MessageType;
using testing::HasSubstr;

constexpr std::size_t kNumbers = std::size_t{3} * 640 * 640;

// Numbers from 0 to 1, as a picture has them.
std::vector<float> Numbers() {
  std::vector<float> numbers(kNumbers);
  uint32_t state = 1;
  for (float& number : numbers) {
    state = state * 1'664'525 + 1'013'904'223;
    number = static_cast<float>(state >> 8U) / static_cast<float>(1U << 24U);
  }
  return numbers;
}

base::TensorView ViewOf(const std::vector<float>& numbers) {
  return {base::ElementType::kFloat32, {1, 3, 640, 640}, std::as_bytes(std::span(numbers))};
}

class WorkerInferTest : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the lock forbids calls that the sanitizers make; use a build without";
#endif
  }

  const std::vector<std::byte> model_ = File("models/line-inspection/line-inspection.onnx");
  const std::vector<float> numbers_ = Numbers();
};

TEST_F(WorkerInferTest, GivesTheBitsOfAnEngineInThisProcess) {
  auto engine = engine::OpenOnnxRuntimeEngine(model_, {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.error().detail;
  WorkerProgram worker(model_);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok()) << client.error().detail;
  const base::TensorView input = ViewOf(numbers_);
  const auto expected = engine.value()->Run(input);
  ASSERT_TRUE(expected.ok()) << expected.error().detail;
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.value().Infer({&input, 1}, {}, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    ASSERT_EQ(reply.value().outputs.size(), expected.value().size());
    for (std::size_t j = 0; j < expected.value().size(); ++j) {
      const base::TensorView& output = reply.value().outputs[j].tensor;
      EXPECT_EQ(output.dims, expected.value()[j].dims);
      EXPECT_TRUE(std::ranges::equal(output.bytes, expected.value()[j].bytes));
    }
  }
  EXPECT_TRUE(client.value().Drain(kPatience).ok());
  EXPECT_EQ(worker.End(), "exited 0");
  EXPECT_EQ(worker.Log(), "");
}

TEST_F(WorkerInferTest, RefusesTensorsThatAreNotOfTheGraph) {
  WorkerProgram worker(model_);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok()) << client.error().detail;
  base::TensorView input = ViewOf(numbers_);
  input.dims = {1, 3, 640, 639};
  EXPECT_EQ(client.value().Infer({&input, 1}, {}, kPatience).error().code, Code::kInvalid);
  input = ViewOf(numbers_);
  input.bytes = input.bytes.first(16);
  EXPECT_EQ(client.value().Infer({&input, 1}, {}, kPatience).error().code, Code::kInvalid);
  input = ViewOf(numbers_);
  EXPECT_TRUE(client.value().Infer({&input, 1}, {}, kPatience).ok());
}

// A client that does not check what it sends.
class CarelessClient {
 public:
  explicit CarelessClient(base::UniqueFd socket) : socket_(std::move(socket)) {}

  void Send(std::span<const std::byte> bytes) const {
    EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

 private:
  base::UniqueFd socket_;
};

TEST_F(WorkerInferTest, EndsWithAClientWhoseDimensionsLie) {
  WorkerProgram worker(model_);
  const CarelessClient client(worker.TakeSocket());
  // One output, then dimensions of 2^62 each, and no numbers at all.
  std::vector<std::byte> body(96);
  body[0] = std::byte{1};
  for (std::size_t dim = 0; dim < 4; ++dim) body[8 + 8 * dim + 7] = std::byte{0x40};
  client.Send(channel::EncodeHeader({.type = MessageType::kInferRequest,
                                     .id = 1,
                                     .body_bytes = static_cast<uint32_t>(body.size())}));
  client.Send(body);
  EXPECT_EQ(worker.End(), "exited 1");
  EXPECT_THAT(worker.Log(), HasSubstr("tensors that"));
}

TEST_F(WorkerInferTest, TakesNoMemoryForABodyThatIsOnlyClaimed) {
  WorkerProgram worker(model_);
  while (worker.NextStatus()->state != channel::WorkerState::kReady) {
  }
  worker.LimitMemory(16U << 20U);
  {
    const CarelessClient client(worker.TakeSocket());
    client.Send(channel::EncodeHeader(
        {.type = MessageType::kInferRequest, .id = 1, .body_bytes = uint32_t{128} << 20U}));
  }
  EXPECT_EQ(worker.End(), "exited 0");
}

}  // namespace
}  // namespace bulkhead
