// SPDX-License-Identifier: Apache-2.0
#include "model/onnx_graph.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/onnx_fixture_test.h"

namespace bulkhead::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OnnxFixture OneNode() {
  OnnxFixture file;
  file.Input("x", {1, 3, 8, 8});
  file.Output("y", {1, 3, 8, 8});
  file.Node("Relu", {"x"}, {"y"});
  return file;
}

OnnxGraph Parse(const OnnxFixture& file) {
  auto graph = ParseOnnx(file.Bytes());
  EXPECT_TRUE(graph.ok()) << graph.error().detail;
  return graph.ok() ? std::move(graph).value() : OnnxGraph{};
}

base::Error ErrorOf(const OnnxFixture& file) {
  const auto graph = ParseOnnx(file.Bytes());
  EXPECT_FALSE(graph.ok());
  return graph.ok() ? base::Error{} : graph.error();
}

TEST(OnnxGraph, ReadsInputsOutputsAndMetadata) {
  OnnxFixture file = OneNode();
  file.Metadata("task", "detect");
  file.Input("batchy", {-1, 4});
  const OnnxGraph graph = Parse(file);
  EXPECT_EQ(graph.ir_version, 8);
  EXPECT_EQ(graph.opset, 18);
  EXPECT_EQ(graph.producer, "test");
  ASSERT_EQ(graph.description.inputs.size(), 2U);
  EXPECT_EQ(graph.description.inputs[0].type, base::ElementType::kFloat32);
  EXPECT_THAT(graph.description.inputs[1].dims, ElementsAre(-1, 4));
  EXPECT_EQ(graph.description.metadata.at("task"), "detect");
  ASSERT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(graph.nodes[0].op, "Relu");
}

TEST(OnnxGraph, ReadsSmallConstantsFromEitherField) {
  OnnxFixture file = OneNode();
  file.Ints("typed", {1, -2, 3});
  auto& raw = file.Ints("raw", {7, 8});
  raw.clear_int64_data();
  const int64_t values[] = {7, 8};
  raw.set_raw_data(std::string(reinterpret_cast<const char*>(values), sizeof(values)));
  const OnnxGraph graph = Parse(file);
  EXPECT_THAT(graph.initializers.at("typed").int_values, ElementsAre(1, -2, 3));
  EXPECT_THAT(graph.initializers.at("raw").int_values, ElementsAre(7, 8));
  EXPECT_EQ(graph.initializers.at("raw").bytes, 16U);
}

TEST(OnnxGraph, LeavesLargeWeightsUnread) {
  OnnxFixture file = OneNode();
  file.Floats("w", {64, 64});
  const OnnxGraph graph = Parse(file);
  EXPECT_EQ(graph.initializers.at("w").bytes, 16384U);
  EXPECT_TRUE(graph.initializers.at("w").float_values.empty());
}

TEST(OnnxGraph, TakesConstantNodesAsConstants) {
  OnnxFixture file = OneNode();
  OnnxFixture::Attribute(file.Node("Constant", {}, {"axes"}), "value_ints",
                         std::vector<int64_t>{2, 3});
  const OnnxGraph graph = Parse(file);
  EXPECT_EQ(graph.nodes.size(), 1U);
  EXPECT_THAT(graph.constants.at("axes").int_values, ElementsAre(2, 3));
}

TEST(OnnxGraph, LeavesInitializersOutOfTheInputs) {
  OnnxFixture file = OneNode();
  file.Floats("w", {2});
  file.Input("w", {2});
  EXPECT_EQ(Parse(file).description.inputs.size(), 1U);
}

TEST(OnnxGraph, MarksOperatorsOfOtherDomains) {
  OnnxFixture file = OneNode();
  file.Node("Conv", {"x"}, {"z"}).set_domain("com.acme");
  EXPECT_EQ(Parse(file).nodes[1].op, "com.acme.Conv");
}

TEST(OnnxGraph, ReadsNewerIrVersionsAndTypes) {
  OnnxFixture file = OneNode();
  file.model().set_ir_version(13);
  auto& weights = file.Floats("w", {3});
  weights.set_data_type(22);  // INT4, two in a byte
  weights.set_raw_data(std::string(2, '\x11'));
  const OnnxGraph graph = Parse(file);
  EXPECT_EQ(graph.ir_version, 13);
  EXPECT_EQ(graph.initializers.at("w").bytes, 2U);
  EXPECT_EQ(graph.initializers.at("w").spec.type, base::ElementType::kOther);
}

TEST(OnnxGraph, RefusesWhatIsNotOnnx) {
  const std::string text = "<html>not a model</html>";
  EXPECT_EQ(ParseOnnx(std::as_bytes(std::span(text))).error().code, base::Code::kInvalid);
  EXPECT_EQ(ParseOnnx({}).error().code, base::Code::kInvalid);
  EXPECT_THAT(ErrorOf(OnnxFixture()).detail, HasSubstr("no graph"));
}

TEST(OnnxGraph, RefusesACutFile) {
  const auto bytes = OneNode().Bytes();
  EXPECT_FALSE(ParseOnnx(std::span(bytes).first(bytes.size() - 3)).ok());
}

TEST(OnnxGraph, RefusesWeightsInAnotherFile) {
  OnnxFixture file = OneNode();
  auto& weights = file.Floats("w", {2});
  weights.set_data_location(onnx::TensorProto::EXTERNAL);
  auto* entry = weights.add_external_data();
  entry->set_key("location");
  entry->set_value("../../etc/passwd");
  EXPECT_EQ(ErrorOf(file).code, base::Code::kUnsupported);
}

TEST(OnnxGraph, RefusesExternalWeightsInConstantNodes) {
  OnnxFixture file = OneNode();
  auto* attribute = file.Node("Constant", {}, {"c"}).add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
  attribute->mutable_t()->set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(ErrorOf(file).code, base::Code::kUnsupported);
}

TEST(OnnxGraph, RefusesDataThatDoesNotFillItsShape) {
  OnnxFixture file = OneNode();
  file.Floats("w", {2, 2}).set_raw_data(std::string(12, '\0'));
  EXPECT_THAT(ErrorOf(file).detail, HasSubstr("'w' does not fill its shape"));
}

TEST(OnnxGraph, RefusesShapesWithoutMeaning) {
  OnnxFixture negative = OneNode();
  negative.Floats("w", {2}).set_dims(0, -2);
  EXPECT_THAT(ErrorOf(negative).detail, HasSubstr("negative"));
  OnnxFixture huge = OneNode();
  auto& weights = huge.Floats("w", {1, 1, 1});
  for (int i = 0; i < 3; ++i) weights.set_dims(i, int64_t{1} << 40);
  EXPECT_THAT(ErrorOf(huge).detail, HasSubstr("larger than any file"));
  OnnxFixture deep = OneNode();
  auto& tensor = deep.Floats("w", {});
  for (int i = 0; i < 17; ++i) tensor.add_dims(1);
  EXPECT_EQ(ErrorOf(deep).code, base::Code::kExhausted);
}

TEST(OnnxGraph, RefusesAnUndefinedType) {
  OnnxFixture file = OneNode();
  file.Floats("w", {1}).set_data_type(99);
  EXPECT_THAT(ErrorOf(file).detail, HasSubstr("undefined type"));
}

TEST(OnnxGraph, PrintsNothingAboutTextThatIsNotUtf8) {
  OnnxFixture file = OneNode();
  file.Metadata("names", "\xFF\xFE");
  ::testing::internal::CaptureStderr();
  const OnnxGraph graph = Parse(file);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(graph.description.metadata.at("names"), "\xFF\xFE");
}

}  // namespace
}  // namespace bulkhead::model
