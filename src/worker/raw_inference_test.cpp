// SPDX-License-Identifier: Apache-2.0
#include "worker/raw_inference.h"

#include <cstring>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/blocking_client.h"
#include "worker/test_worker.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using base::ElementType;
using channel::BlockingClient;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{120};
constexpr std::size_t kPictureNumbers = std::size_t{3} * 64 * 64;
constexpr std::size_t kRowNumbers = std::size_t{6} * 84;

BlockingClient Connect(TestWorker& worker) {
  auto client = BlockingClient::Connect(std::move(worker.client()), kPatience);
  EXPECT_TRUE(client.ok()) << client.error().detail;
  return std::move(client).value();
}

// Some numbers, and the tensor of so many pictures that they are.
struct Input {
  explicit Input(std::size_t pictures) : numbers(pictures * kPictureNumbers) {
    std::iota(numbers.begin(), numbers.end(), 0.0F);
    view = {ElementType::kFloat32,
            {static_cast<int64_t>(pictures), 3, 64, 64},
            std::as_bytes(std::span(numbers))};
  }
  std::vector<float> numbers;
  base::TensorView view;
};

// A network that gives the first numbers of its input, one more each.
WorkerTestOptions AddingOne(int64_t batch) {
  WorkerTestOptions options;
  options.graph = TestGraph(batch, 64);
  options.on_run = [](const base::TensorView& input) -> base::Result<std::vector<float>> {
    const auto rows = static_cast<std::size_t>(input.dims[0]) * kRowNumbers;
    const std::span numbers(reinterpret_cast<const float*>(input.bytes.data()),
                            input.bytes.size() / sizeof(float));
    std::vector<float> output(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(rows));
    for (float& number : output) number += 1;
    return output;
  };
  return options;
}

TEST(RawInference, TellsTheClientWhatTheGraphDeclares) {
  TestWorker worker(AddingOne(-1));
  const BlockingClient client = Connect(worker);
  ASSERT_EQ(client.hello().inputs.size(), 1U);
  EXPECT_EQ(client.hello().inputs[0].name, "images");
  EXPECT_THAT(client.hello().inputs[0].dims, ElementsAre(-1, 3, 64, 64));
  ASSERT_EQ(client.hello().outputs.size(), 1U);
  EXPECT_THAT(client.hello().outputs[0].dims, ElementsAre(-1, 6, 84));
}

TEST(RawInference, GivesWhatTheGraphGives) {
  TestWorker worker(AddingOne(1));
  BlockingClient client = Connect(worker);
  const Input input(1);
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.Infer({&input.view, 1}, {}, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    ASSERT_EQ(reply.value().outputs.size(), 1U);
    const base::TensorView& output = reply.value().outputs[0].tensor;
    EXPECT_THAT(output.dims, ElementsAre(1, 6, 84));
    float last = 0;
    std::memcpy(&last, output.bytes.last(sizeof(last)).data(), sizeof(last));
    EXPECT_EQ(last, static_cast<float>(kRowNumbers));
    EXPECT_GT(reply.value().times.infer.count(), 0);
    EXPECT_EQ(reply.value().times.batch, 1);
  }
}

TEST(RawInference, TakesAnyBatchOfAGraphThatVaries) {
  TestWorker worker(AddingOne(-1));
  BlockingClient client = Connect(worker);
  for (const std::size_t pictures : {3U, 1U, 5U}) {
    const Input input(pictures);
    const auto reply = client.Infer({&input.view, 1}, {}, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    EXPECT_EQ(reply.value().outputs[0].tensor.dims[0], static_cast<int64_t>(pictures));
  }
}

TEST(RawInference, SharesTheWorkerWithPictures) {
  TestWorker worker(AddingOne(1));
  BlockingClient client = Connect(worker);
  const Input input(1);
  EXPECT_TRUE(client.Infer({&input.view, 1}, {}, kPatience).ok());
  EXPECT_TRUE(client.Detect(TestPicture(), {}, kPatience).ok());
  EXPECT_TRUE(client.Infer({&input.view, 1}, {}, kPatience).ok());
  EXPECT_TRUE(client.Drain(kPatience).ok());
  EXPECT_TRUE(worker.End().ok());
}

TEST(RawInference, GoesOnAfterARunThatFailedAndShowsTheTenantNoLibrarysText) {
  WorkerTestOptions options = AddingOne(1);
  options.on_run = [run = 0, inner = options.on_run](
                       const base::TensorView& input) mutable -> base::Result<std::vector<float>> {
    // The first is the warm-up.
    if (++run == 2) return base::OperatorError(Code::kExhausted, "arena /secret/path");
    return inner(input);
  };
  TestWorker worker(options);
  BlockingClient client = Connect(worker);
  const Input input(1);
  const auto failed = client.Infer({&input.view, 1}, {}, kPatience);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kExhausted);
  EXPECT_EQ(failed.error().public_message, base::DefaultPublicMessage(Code::kExhausted));
  EXPECT_TRUE(client.Infer({&input.view, 1}, {}, kPatience).ok());
}

TEST(RawInference, AnswersAnOutputOfAnotherShapeThanDeclaredWithAFailure) {
  WorkerTestOptions options = AddingOne(1);
  options.on_run = [run = 0, inner = options.on_run](const base::TensorView& input) mutable {
    return ++run == 2 ? base::Result<std::vector<float>>(std::vector<float>(7)) : inner(input);
  };
  TestWorker worker(options);
  BlockingClient client = Connect(worker);
  const Input input(1);
  const auto failed = client.Infer({&input.view, 1}, {}, kPatience);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kUnsupported);
  EXPECT_THAT(failed.error().public_message, HasSubstr("output output0"));
  EXPECT_TRUE(client.Infer({&input.view, 1}, {}, kPatience).ok());
}

TEST(RawInference, DoesNotRunAGraphOfSeveralInputs) {
  const auto engine = engine::MakeNullEngine(TestGraph(1, 64));
  const Input input(1);
  const channel::Inference two{.inputs = {input.view, input.view}, .wanted = {0}};
  const auto refused = Infer(*engine, two);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnsupported);
  EXPECT_THAT(refused.error().public_message, HasSubstr("the graph has 2 inputs"));
}

}  // namespace
}  // namespace bulkhead::worker
