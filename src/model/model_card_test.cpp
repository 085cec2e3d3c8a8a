// SPDX-License-Identifier: Apache-2.0
#include "model/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/model_cost.h"
#include "model/onnx_fixture_test.h"

namespace bulkhead::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A detector in form: one 3x3 convolution to 7 channels, then its cells in a row: 3 classes.
OnnxFixture SmallDetector(int64_t batch) {
  OnnxFixture file;
  file.Input("images", {batch, 3, 64, 64});
  file.Output("output0", {batch, 7, 4096});
  file.Floats("weights", {7, 3, 3, 3});
  file.Floats("bias", {7});
  file.Ints("flat", {0, 7, -1});
  auto& conv = file.Node("Conv", {"images", "weights", "bias"}, {"cells"});
  OnnxFixture::Attribute(conv, "pads", std::vector<int64_t>{1, 1, 1, 1});
  file.Node("Sigmoid", {"cells"}, {"scores"});
  file.Node("Reshape", {"scores", "flat"}, {"output0"});
  file.Metadata("description", "Ultralytics YOLO11n model");
  file.Metadata("task", "detect");
  file.Metadata("names", "['a', 'b', 'c']");
  return file;
}

ModelCard Read(const OnnxFixture& file) {
  auto card = ReadModelCard(file.Bytes());
  EXPECT_TRUE(card.ok()) << card.error().detail;
  return card.ok() ? std::move(card).value() : ModelCard{};
}

TEST(ModelCard, CountsParametersAndArithmetic) {
  const ModelCard card = Read(SmallDetector(1));
  EXPECT_EQ(card.spec.family, "YOLO11");
  EXPECT_EQ(card.parameters, 7U * 27 + 7);
  EXPECT_EQ(card.weights_bytes, (7U * 27 + 7) * 4 + 3 * 8);
  EXPECT_DOUBLE_EQ(card.gflops, 2.0 * 4096 * 7 * 27 / 1e9);
  EXPECT_THAT(card.unknown_operators, IsEmpty());
}

TEST(ModelCard, CountsASharedWeightWhereverItIsUsed) {
  OnnxFixture file = SmallDetector(1);
  auto& conv = file.Node("Conv", {"images", "weights", "bias"}, {"again"});
  OnnxFixture::Attribute(conv, "pads", std::vector<int64_t>{1, 1, 1, 1});
  EXPECT_EQ(Read(file).parameters, 2U * (7 * 27 + 7));
}

// Alive at the Sigmoid: its input and its output, of 7x64x64 floats each; the picture is read no
// more by then.
TEST(ModelCard, FindsThePeakByLiveness) {
  const ModelCard card = Read(SmallDetector(1));
  ASSERT_EQ(card.memory.size(), 1U);
  EXPECT_EQ(card.memory[0].peak_activation_bytes, 2U * 7 * 4096 * 4);
  EXPECT_EQ(card.memory[0].total_bytes, card.memory[0].peak_activation_bytes + card.weights_bytes);
}

TEST(ModelCard, EstimatesFourBatchesOfADynamicModel) {
  const ModelCard card = Read(SmallDetector(-1));
  ASSERT_EQ(card.memory.size(), 4U);
  EXPECT_EQ(card.memory[3].batch, 16);
  EXPECT_EQ(card.memory[3].peak_activation_bytes, 16 * card.memory[0].peak_activation_bytes);
}

TEST(ModelCard, GivesGflopsOfOnePictureWhateverTheBatch) {
  EXPECT_DOUBLE_EQ(Read(SmallDetector(4)).gflops, Read(SmallDetector(1)).gflops);
  EXPECT_EQ(Read(SmallDetector(4)).memory[0].batch, 4);
}

TEST(ModelCard, NamesOperatorsItDoesNotKnow) {
  OnnxFixture file = SmallDetector(1);
  file.Node("Magic", {"cells"}, {"wonder"});
  EXPECT_THAT(Read(file).unknown_operators, ElementsAre("Magic"));
}

TEST(ModelCard, PassesErrorsOfTheFileAndOfTheSpecOn) {
  const std::string text = "no model";
  EXPECT_EQ(ReadModelCard(std::as_bytes(std::span(text))).error().code, base::Code::kInvalid);
  OnnxFixture file = SmallDetector(1);
  file.Metadata("end2end", "True");
  EXPECT_EQ(ReadModelCard(file.Bytes()).error().public_message,
            "metadata says end2end True but output0 is 1x7x4096");
}

TEST(ModelCost, KeepsAnOutputAliveToTheEnd) {
  OnnxGraph graph;
  graph.description.outputs = {{"a", base::ElementType::kFloat32, {10}}};
  graph.nodes = {{"Relu", "", {"x"}, {"a"}, {}},
                 {"Relu", "", {"x"}, {"b"}, {}},
                 {"Relu", "", {"b"}, {"c"}, {}}};
  graph.description.inputs = {{"x", base::ElementType::kFloat32, {10}}};
  const ShapeInference shapes = InferShapes(graph, graph.description.inputs);
  EXPECT_EQ(PeakActivationBytes(graph, shapes), 3U * 40);
}

}  // namespace
}  // namespace bulkhead::model
