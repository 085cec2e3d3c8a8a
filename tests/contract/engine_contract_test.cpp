// SPDX-License-Identifier: Apache-2.0
// What every Engine promises, run over each implementation.
#include <functional>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/checked_math.h"
#include "base/read_file.h"
#include "engine/null_engine.h"
#include "engine/onnxruntime_engine.h"

namespace bulkhead::engine {
namespace {

using base::Code;
using base::ElementType;
using base::TensorView;

struct Implementation {
  std::string name;
  std::function<std::unique_ptr<Engine>()> open;
};

void PrintTo(const Implementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

std::unique_ptr<Engine> OpenOnnxRuntime() {
  const auto model = base::ReadFile(BULKHEAD_TEST_DATA "/onnx/dynamic_batch.onnx", 1 << 20);
  if (!model.ok()) return nullptr;
  auto engine = OpenOnnxRuntimeEngine(model.value(), {.threads = 1});
  return engine.ok() ? std::move(engine).value() : nullptr;
}

std::unique_ptr<Engine> OpenNull() {
  return MakeNullEngine({{{"images", ElementType::kFloat32, {-1, 3, 64, 64}}},
                         {{"output0", ElementType::kFloat32, {-1, 6, 84}}},
                         {}});
}

class EngineContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    engine_ = GetParam().open();
    ASSERT_NE(engine_, nullptr);
  }

  // A float32 input of these dimensions, all zero; valid until the next call.
  TensorView Input(std::vector<int64_t> dims, ElementType type = ElementType::kFloat32) {
    storage_.assign(*base::ElementCount(dims) * *base::ElementBytes(type), std::byte{0});
    return {type, std::move(dims), storage_};
  }

  Code RunError(const TensorView& input) {
    const auto outputs = engine_->Run(input);
    return outputs.ok() ? Code::kInternal : outputs.error().code;
  }

  std::unique_ptr<Engine> engine_;
  std::vector<std::byte> storage_;
};

TEST_P(EngineContract, DescribesItsInputAndOutput) {
  const base::GraphDescription& graph = engine_->Describe();
  ASSERT_EQ(graph.inputs.size(), 1U);
  EXPECT_EQ(graph.inputs[0].name, "images");
  EXPECT_THAT(graph.inputs[0].dims, testing::ElementsAre(-1, 3, 64, 64));
  ASSERT_EQ(graph.outputs.size(), 1U);
  EXPECT_EQ(graph.outputs[0].name, "output0");
}

TEST_P(EngineContract, ReturnsAnOutputWithAsManyBytesAsItsShapeSays) {
  const auto outputs = engine_->Run(Input({1, 3, 64, 64}));
  ASSERT_TRUE(outputs.ok());
  ASSERT_EQ(outputs.value().size(), 1U);
  EXPECT_THAT(outputs.value()[0].dims, testing::ElementsAre(1, 6, 84));
  EXPECT_EQ(outputs.value()[0].bytes.size(), 6U * 84 * sizeof(float));
}

TEST_P(EngineContract, FollowsADynamicBatch) {
  for (const int64_t batch : {3, 1, 2}) {
    const auto outputs = engine_->Run(Input({batch, 3, 64, 64}));
    ASSERT_TRUE(outputs.ok());
    EXPECT_THAT(outputs.value()[0].dims, testing::ElementsAre(batch, 6, 84));
  }
}

TEST_P(EngineContract, RefusesAnotherElementType) {
  EXPECT_EQ(RunError(Input({1, 3, 64, 64}, ElementType::kFloat16)), Code::kInvalid);
}

TEST_P(EngineContract, RefusesAnotherShape) {
  EXPECT_EQ(RunError(Input({1, 3, 64, 32})), Code::kInvalid);
  EXPECT_EQ(RunError(Input({3, 64, 64})), Code::kInvalid);
  EXPECT_EQ(RunError(Input({0, 3, 64, 64})), Code::kInvalid);
}

TEST_P(EngineContract, RefusesFewerBytesThanTheShapeNeeds) {
  TensorView input = Input({1, 3, 64, 64});
  input.bytes = input.bytes.first(input.bytes.size() - 1);
  EXPECT_EQ(RunError(input), Code::kInvalid);
}

TEST_P(EngineContract, WorksAgainAfterARefusedInput) {
  EXPECT_EQ(RunError(Input({1, 3, 64, 32})), Code::kInvalid);
  EXPECT_TRUE(engine_->Run(Input({1, 3, 64, 64})).ok());
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContract,
                         testing::Values(Implementation{"OnnxRuntime", OpenOnnxRuntime},
                                         Implementation{"Null", OpenNull}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::engine
