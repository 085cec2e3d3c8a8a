// SPDX-License-Identifier: Apache-2.0
#include "worker/serving.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/blocking_client.h"
#include "channel/wire_enum.h"
#include "worker/test_worker.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using channel::BlockingClient;
using channel::WorkerState;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr seconds kPatience{120};

BlockingClient Connect(TestWorker& worker) {
  auto client = BlockingClient::Connect(std::move(worker.client()), kPatience);
  EXPECT_TRUE(client.ok()) << client.error().detail;
  return std::move(client).value();
}

std::string Content(const base::UniqueFd& fd) {
  std::string content(64, '?');
  const ssize_t size = ::pread(fd.get(), content.data(), content.size(), 0);
  content.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return content;
}

TEST(Serve, SaysWhatItServesAndThatItIsReady) {
  TestWorker worker({});
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kReady);
  const BlockingClient client = Connect(worker);
  EXPECT_EQ(client.hello().engine, "test (cpu)");
  EXPECT_EQ(client.hello().spec.class_names, (std::vector<std::string>{"bolt", "nut"}));
  EXPECT_EQ(client.hello().frames_in_flight_max, 16);
}

TEST(Serve, AnswersOneFrameAfterAnother) {
  TestWorker worker({});
  BlockingClient client = Connect(worker);
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.Detect(TestPicture(), {}, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    EXPECT_EQ(reply.value().result.image_width, 1920);
    EXPECT_EQ(reply.value().result.image_height, 1080);
    EXPECT_GT(reply.value().times.decode.count(), 0);
    EXPECT_GT(reply.value().times.infer.count(), 0);
    EXPECT_EQ(reply.value().times.batch, 1);
  }
}

TEST(Serve, GivesTheRequestsOptionsToTheHeads) {
  WorkerTestOptions options;
  // One anchor of class 0 in the middle of the input, with a score of 0.5.
  options.on_run = [](const base::TensorView&) -> base::Result<std::vector<float>> {
    std::vector<float> output(std::size_t{6} * 84, 0.0F);
    for (std::size_t row = 0; row < 4; ++row) output[row * 84] = row < 2 ? 32.0F : 8.0F;
    output[std::size_t{4} * 84] = 0.5F;
    return output;
  };
  TestWorker worker(options);
  BlockingClient client = Connect(worker);
  EXPECT_EQ(client.Detect(TestPicture(), {}, kPatience).value().result.detections.size(), 1U);
  EXPECT_TRUE(client.Detect(TestPicture(), {.confidence_min = 0.6F}, kPatience)
                  .value()
                  .result.detections.empty());
}

TEST(Serve, GoesOnAfterAPictureThatIsNone) {
  TestWorker worker({});
  BlockingClient client = Connect(worker);
  const std::string text = "not a picture";
  const auto refused = client.Detect(std::as_bytes(std::span(text)), {}, kPatience);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_TRUE(client.Detect(TestPicture(), {}, kPatience).ok());
}

TEST(Serve, GoesOnAfterARunThatFailed) {
  WorkerTestOptions options;
  options.on_run = [run = 0](const base::TensorView&) mutable -> base::Result<std::vector<float>> {
    // The first is the warm-up.
    if (++run == 2) return base::OperatorError(Code::kExhausted, "no memory for this one");
    return std::vector<float>(std::size_t{6} * 84, 0.0F);
  };
  TestWorker worker(options);
  BlockingClient client = Connect(worker);
  EXPECT_EQ(client.Detect(TestPicture(), {}, kPatience).error().code, Code::kExhausted);
  EXPECT_TRUE(client.Detect(TestPicture(), {}, kPatience).ok());
}

TEST(Serve, NeverAnswersWithANumberThatIsNotFinite) {
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity(), 1e38F}) {
    for (const std::size_t poisoned_rows : {4U, 5U, 6U}) {
      WorkerTestOptions options;
      options.on_run =
          [=, warm = false](const base::TensorView&) mutable -> base::Result<std::vector<float>> {
        std::vector<float> output(std::size_t{6} * 84, 0.9F);
        if (std::exchange(warm, true)) std::fill_n(output.begin(), poisoned_rows * 84, poison);
        return output;
      };
      TestWorker worker(options);
      BlockingClient client = Connect(worker);
      // The client takes such a number for an attack (kCorrupt).
      const auto reply = client.Detect(TestPicture(), {}, kPatience);
      EXPECT_TRUE(client.usable())
          << poison << " in " << poisoned_rows << ": " << (reply.ok() ? "" : reply.error().detail);
    }
  }
}

TEST(Serve, FinishesWhenTheClientDrains) {
  TestWorker worker({});
  BlockingClient client = Connect(worker);
  ASSERT_TRUE(client.Detect(TestPicture(), {}, kPatience).ok());
  const base::Status drained = client.Drain(kPatience);
  EXPECT_TRUE(drained.ok()) << drained.error().detail;
  EXPECT_TRUE(worker.End().ok());
}

TEST(Serve, FinishesWhenTheClientIsGone) {
  TestWorker worker({});
  {
    const BlockingClient client = Connect(worker);
  }
  EXPECT_TRUE(worker.End().ok());
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kReady);
  EXPECT_FALSE(worker.NextStatus());
}

TEST(Serve, FinishesWhenTheClientWasGoneBeforeItWasReady) {
  TestWorker worker({});
  worker.client() = base::UniqueFd();
  EXPECT_TRUE(worker.End().ok());
}

TEST(Serve, EndsWithTheCodeOfAClientThatBreaksTheProtocol) {
  TestWorker worker({});
  const std::string garbage(4096, 'g');
  ASSERT_GT(::write(worker.client().get(), garbage.data(), garbage.size()), 0);
  EXPECT_EQ(worker.End().error().code, Code::kCorrupt);
  worker.NextStatus();
  worker.NextStatus();
  const auto failed = worker.NextStatus();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, WorkerState::kFailed);
  EXPECT_EQ(failed->code, channel::WireOf(Code::kCorrupt));
}

TEST(Serve, WipesTheWeightsBeforeItIsReady) {
  TestWorker worker({});
  while (worker.NextStatus()->state != WorkerState::kReady) {
  }
  EXPECT_EQ(Content(worker.weights()), std::string(11, '\0'));
}

TEST(Serve, WipesTheWeightsOfAModelThatItCannotOpen) {
  WorkerTestOptions options;
  options.open_fails = base::OperatorError(Code::kInvalid, "not a network");
  TestWorker worker(options);
  EXPECT_FALSE(worker.End().ok());
  EXPECT_EQ(Content(worker.weights()), std::string(11, '\0'));
}

TEST(Serve, LocksAfterTheWarmUpAndBeforeItIsReady) {
  auto runs = std::make_shared<std::atomic<int>>(0);
  std::string weights;
  int runs_before = 0;
  WorkerTestOptions options;
  options.on_run = [runs](const base::TensorView&) -> base::Result<std::vector<float>> {
    ++*runs;
    return std::vector<float>(std::size_t{6} * 84, 0.0F);
  };
  options.lock = [&, runs]() -> base::Status {
    runs_before = *runs;
    return base::OperatorError(Code::kUnavailable, "no filter here");
  };
  TestWorker worker(options);
  EXPECT_EQ(worker.End().error().code, Code::kUnavailable);
  EXPECT_EQ(runs_before, 1);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kFailed);
  EXPECT_FALSE(worker.NextStatus());
}

// Every way a start can fail: told on the status pipe and to the client.
struct StartFailure {
  const char* name;
  void (*spoil)(WorkerTestOptions&);
  Code code;
};

class ServeStart : public testing::TestWithParam<StartFailure> {};

TEST_P(ServeStart, TellsWhyItFailed) {
  WorkerTestOptions options;
  GetParam().spoil(options);
  TestWorker worker(options);
  const auto client = BlockingClient::Connect(std::move(worker.client()), kPatience);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, GetParam().code) << client.error().detail;
  EXPECT_EQ(worker.End().error().code, GetParam().code);
  EXPECT_EQ(worker.NextStatus()->state, WorkerState::kLoading);
  const auto failed = worker.NextStatus();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, WorkerState::kFailed);
  EXPECT_EQ(failed->code, channel::WireOf(GetParam().code));
}

constexpr StartFailure kStartFailures[] = {
    {"BrokenSetup", [](WorkerTestOptions& o) { o.setup_bytes = {std::byte{1}, std::byte{2}}; },
     Code::kCorrupt},
    {"UnknownProvider", [](WorkerTestOptions& o) { o.setup.provider = "abacus"; }, Code::kInvalid},
    {"ModelThatDoesNotOpen",
     [](WorkerTestOptions& o) { o.open_fails = base::OperatorError(Code::kExhausted, "too big"); },
     Code::kExhausted},
    {"ModelThatIsNoYolo", [](WorkerTestOptions& o) { o.graph.outputs.clear(); }, Code::kInvalid},
    {"FirstRunThatFails",
     [](WorkerTestOptions& o) {
       o.on_run = [](const base::TensorView&) -> base::Result<std::vector<float>> {
         return base::OperatorError(Code::kInternal, "the device is lost");
       };
     },
     Code::kInternal},
    {"FirstOutputsThatCannotBeRead",
     [](WorkerTestOptions& o) {
       o.on_run = [](const base::TensorView&) -> base::Result<std::vector<float>> {
         return std::vector<float>(std::size_t{6} * 84, std::numeric_limits<float>::quiet_NaN());
       };
     },
     Code::kCorrupt},
    {"LockThatFails",
     [](WorkerTestOptions& o) {
       o.lock = []() -> base::Status { return base::OperatorError(Code::kUnavailable, "none"); };
     },
     Code::kUnavailable},
};

INSTANTIATE_TEST_SUITE_P(Every, ServeStart, testing::ValuesIn(kStartFailures),
                         [](const auto& failure) { return std::string(failure.param.name); });

}  // namespace
}  // namespace bulkhead::worker
