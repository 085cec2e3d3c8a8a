// SPDX-License-Identifier: Apache-2.0
#include "gateway/infer_json.h"

#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

// A request with so many numbers in JSON.
InferText Numbers(std::size_t count) {
  std::string json = R"({"inputs":[{"name":"images","datatype":"FP32","shape":[)" +
                     std::to_string(count) + R"(],"data":[0.25)";
  for (std::size_t i = 1; i < count; ++i) json += ",0.25";
  json += "]}]}";
  const auto bytes = std::as_bytes(std::span(json));
  return {
      std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), std::nullopt, {}};
}

// Holds the thread until it is opened, so that what comes after it waits.
class Gate {
 public:
  Gate(boost::asio::io_context& io, async::SharedThread& thread) {
    async::Spawn(io, Hold(thread, open_.get_future().share()));
  }
  void Open() { open_.set_value(); }

 private:
  static async::Task<void> Hold(async::SharedThread& thread, std::shared_future<void> open) {
    std::function<bool()> wait = [open] {
      open.wait();
      return true;
    };
    co_await thread.Run<bool>("gate", std::move(wait));
  }
  std::promise<void> open_;
};

class InferJsonTest : public testing::Test {
 protected:
  async::Task<void> Ask(InferText text, std::optional<std::size_t>& elements) {
    const auto request = co_await ReadInfer(thread_, tenant_, std::move(text));
    EXPECT_TRUE(request.ok());
    if (request.ok()) elements = request.value().inputs.at(0).bytes.view().size() / sizeof(float);
  }

  async::Task<void> Answer(std::size_t count, std::optional<std::size_t>& bytes) {
    auto numbers = std::make_shared<const std::vector<std::byte>>(count * sizeof(float));
    openinference::InferResponse response;
    openinference::Tensor tensor{"output0",
                                 base::ElementType::kFloat32,
                                 {static_cast<int64_t>(count)},
                                 openinference::TensorBytes(std::span(*numbers)),
                                 {}};
    response.outputs.push_back(std::move(tensor));
    openinference::OutputForms forms;
    const auto body = co_await WriteInfer(thread_, tenant_, std::move(response), std::move(forms),
                                          std::move(numbers));
    EXPECT_TRUE(body.ok());
    if (body.ok()) bytes = body.value().parts.at(0).size();
  }

  void RunUntil(const std::optional<std::size_t>& value) {
    while (!value && io_.run_one() > 0) {
    }
  }

  boost::asio::io_context io_{1};
  async::SharedThread thread_;
  const tenant::TenantId tenant_{"a"};
};

TEST_F(InferJsonTest, AnotherTenantsSmallRequestIsReadWhileALargeOneIs) {
  Gate gate(io_, thread_);
  std::optional<std::size_t> large;
  std::optional<std::size_t> small;
  async::Spawn(io_, Ask(Numbers(kJsonBytesMax), large));
  async::Spawn(io_, Ask(Numbers(12), small));
  RunUntil(small);
  EXPECT_EQ(small, 12U);
  EXPECT_EQ(large, std::nullopt);
  gate.Open();
  RunUntil(large);
  EXPECT_EQ(large, kJsonBytesMax);
}

TEST_F(InferJsonTest, ASmallAnswerIsWrittenWhileALargeOneIs) {
  Gate gate(io_, thread_);
  std::optional<std::size_t> large;
  std::optional<std::size_t> small;
  async::Spawn(io_, Answer(kJsonBytesMax, large));
  async::Spawn(io_, Answer(12, small));
  RunUntil(small);
  EXPECT_GT(small, 12U);
  EXPECT_EQ(large, std::nullopt);
  gate.Open();
  RunUntil(large);
  EXPECT_GT(large, kJsonBytesMax);
}

TEST_F(InferJsonTest, BinaryTensorsAreReadAtOnceHoweverLargeTheyAre) {
  Gate gate(io_, thread_);
  std::string text = R"({"inputs":[{"name":"images","datatype":"FP32","shape":[65536],)"
                     R"("parameters":{"binary_data_size":262144}}]})";
  const std::string length = std::to_string(text.size());
  text.append(262'144, '\0');
  const auto bytes = std::as_bytes(std::span(text));
  auto made = MakeInferText(
      std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), length, {});
  ASSERT_TRUE(made.ok());
  std::optional<std::size_t> elements;
  async::Spawn(io_, Ask(std::move(made).value(), elements));
  RunUntil(elements);
  EXPECT_EQ(elements, 65'536U);
  gate.Open();
  io_.run();
}

TEST(MakeInferText, RefusesALengthThatIsMoreThanTheBody) {
  const auto body = std::make_shared<const std::vector<std::byte>>(10);
  EXPECT_FALSE(MakeInferText(body, "11", {}).ok());
  EXPECT_TRUE(MakeInferText(body, "10", {}).ok());
}

}  // namespace
}  // namespace bulkhead::gateway
