// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime_engine.h"

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.h"

namespace bulkhead::engine {
namespace {

using base::Code;
using base::ElementType;
using testing::HasSubstr;
using testing::Not;

std::vector<std::byte> Model(const std::string& name) {
  auto file = base::ReadFile(std::string(BULKHEAD_TEST_DATA "/onnx/") + name, 1 << 20);
  return file.ok() ? std::move(file).value() : std::vector<std::byte>();
}

std::vector<std::byte> Bytes(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(OnnxRuntimeEngine, ReadsTheExportersMetadata) {
  const auto engine = OpenOnnxRuntimeEngine(Model("two_bolts.onnx"), {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.error().detail;
  const auto& metadata = engine.value()->Describe().metadata;
  EXPECT_EQ(metadata.at("names"), "{0: 'bolt', 1: 'nut'}");
  EXPECT_EQ(metadata.at("task"), "detect");
}

TEST(OnnxRuntimeEngine, ComputesTheGraph) {
  const auto engine = OpenOnnxRuntimeEngine(Model("two_bolts.onnx"), {.threads = 1});
  ASSERT_TRUE(engine.ok());
  const std::vector<std::byte> input(std::size_t{3} * 64 * 64 * sizeof(float));
  const auto outputs = engine.value()->Run({ElementType::kFloat32, {1, 3, 64, 64}, input});
  ASSERT_TRUE(outputs.ok());
  float score = 0;  // class 0 of the anchor 3, where the test model puts 0.9
  std::memcpy(&score, outputs.value()[0].bytes.data() + (4 * 84 + 3) * sizeof(float),
              sizeof(score));
  EXPECT_FLOAT_EQ(score, 0.9F);
}

TEST(OnnxRuntimeEngine, RunsHalfPrecisionNetworks) {
  const auto engine = OpenOnnxRuntimeEngine(Model("half.onnx"), {.threads = 1});
  ASSERT_TRUE(engine.ok());
  const std::vector<std::byte> input(std::size_t{3} * 64 * 64 * 2);
  const auto outputs = engine.value()->Run({ElementType::kFloat16, {1, 3, 64, 64}, input});
  ASSERT_TRUE(outputs.ok());
  EXPECT_EQ(outputs.value()[0].type, ElementType::kFloat16);
}

TEST(OnnxRuntimeEngine, RefusesBytesThatAreNotAModel) {
  for (const std::string text : {"", "not an onnx file", "\x08\x08\x12"}) {
    const auto engine = OpenOnnxRuntimeEngine(Bytes(text), {.threads = 1});
    ASSERT_FALSE(engine.ok());
    EXPECT_EQ(engine.error().code, Code::kInvalid) << engine.error().detail;
    EXPECT_THAT(engine.error().detail, Not(HasSubstr("\n")));
  }
}

TEST(OnnxRuntimeEngine, RefusesAModelThatIsCutShort) {
  std::vector<std::byte> model = Model("two_bolts.onnx");
  model.resize(model.size() / 2);
  EXPECT_FALSE(OpenOnnxRuntimeEngine(model, {.threads = 1}).ok());
}

TEST(OnnxRuntimeEngine, AnAbsentProviderIsAnErrorAndNeverReplaced) {
  for (const Provider provider : {Provider::kCuda, Provider::kTensorRt}) {
    const auto engine = OpenOnnxRuntimeEngine(Model("two_bolts.onnx"), {.provider = provider});
    if (engine.ok()) GTEST_SKIP() << "this ONNX Runtime has " << ProviderName(provider);
    EXPECT_EQ(engine.error().code, Code::kUnavailable);
    EXPECT_THAT(engine.error().detail, HasSubstr(std::string(ProviderName(provider))));
  }
}

TEST(OnnxRuntimeEngine, NeverShowsTheLibrarysTextToATenant) {
  const auto engine = OpenOnnxRuntimeEngine(Bytes("garbage"), {.threads = 1});
  ASSERT_FALSE(engine.ok());
  EXPECT_THAT(engine.error().public_message, Not(HasSubstr("protobuf")));
  EXPECT_EQ(engine.error().public_message, base::DefaultPublicMessage(Code::kInvalid));
}

}  // namespace
}  // namespace bulkhead::engine
