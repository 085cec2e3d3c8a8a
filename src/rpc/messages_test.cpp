// SPDX-License-Identifier: Apache-2.0
#include "rpc/messages.h"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/descriptions.h"

namespace bulkhead::rpc {
namespace {

using base::Code;
using base::ElementType;
using testing::ElementsAre;
using testing::HasSubstr;

inference::ModelInferRequest OneInput(const std::string& datatype, std::vector<int64_t> shape) {
  inference::ModelInferRequest message;
  auto& input = *message.add_inputs();
  input.set_name("x");
  input.set_datatype(datatype);
  for (const int64_t dim : shape) input.add_shape(dim);
  return message;
}

std::string Refused(const inference::ModelInferRequest& message,
                    const openinference::InferLimits& limits = {}) {
  const auto request = ParseInferMessage(message, limits);
  if (request.ok()) return "was taken";
  EXPECT_EQ(request.error().code, Code::kInvalid);
  return request.error().public_message;
}

template <typename T>
std::vector<T> Elements(const openinference::TensorBytes& bytes) {
  const auto view = bytes.view();
  std::vector<T> elements(view.size() / sizeof(T));
  std::memcpy(elements.data(), view.data(), view.size());
  return elements;
}

TEST(GrpcMessages, ViewRawContentsWithoutACopy) {
  inference::ModelInferRequest message = OneInput("FP32", {1, 2});
  message.set_id("r1");
  message.add_raw_input_contents("\0\0\0\0\0\0\x80?", 8);
  (*message.mutable_parameters())["timeout"].set_int64_param(5);
  (*message.mutable_parameters())["conf"].set_double_param(0.25);
  message.add_outputs()->set_name("y");
  const auto request = ParseInferMessage(message);
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_EQ(request.value().id, "r1");
  EXPECT_EQ(request.value().timeout_us, 5U);
  EXPECT_EQ(request.value().parameters.at("conf"), openinference::Parameter(0.25));
  EXPECT_EQ(request.value().outputs.at(0).name, "y");
  const openinference::Tensor& input = request.value().inputs.at(0);
  EXPECT_THAT(Elements<float>(input.bytes), ElementsAre(0.0F, 1.0F));
  EXPECT_EQ(static_cast<const void*>(input.bytes.view().data()),
            message.raw_input_contents(0).data());
}

TEST(GrpcMessages, TurnTypedContentsIntoBytes) {
  inference::ModelInferRequest floats = OneInput("FP32", {2});
  floats.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.5F);
  floats.mutable_inputs(0)->mutable_contents()->add_fp32_contents(-2.0F);
  EXPECT_THAT(Elements<float>(ParseInferMessage(floats).value().inputs[0].bytes),
              ElementsAre(1.5F, -2.0F));
  inference::ModelInferRequest narrow = OneInput("INT8", {2});
  narrow.mutable_inputs(0)->mutable_contents()->add_int_contents(-128);
  narrow.mutable_inputs(0)->mutable_contents()->add_int_contents(127);
  EXPECT_THAT(Elements<int8_t>(ParseInferMessage(narrow).value().inputs[0].bytes),
              ElementsAre(-128, 127));
  inference::ModelInferRequest texts = OneInput("BYTES", {1});
  texts.mutable_inputs(0)->mutable_contents()->add_bytes_contents("\xff\xd8");
  EXPECT_THAT(Elements<uint8_t>(ParseInferMessage(texts).value().inputs[0].bytes),
              ElementsAre(2, 0, 0, 0, 0xFF, 0xD8));
  inference::ModelInferRequest flags = OneInput("BOOL", {2});
  flags.mutable_inputs(0)->mutable_contents()->add_bool_contents(true);
  flags.mutable_inputs(0)->mutable_contents()->add_bool_contents(false);
  EXPECT_THAT(Elements<uint8_t>(ParseInferMessage(flags).value().inputs[0].bytes),
              ElementsAre(1, 0));
}

TEST(GrpcMessages, RefuseTypedContentsThatTheDatatypeCannotHold) {
  inference::ModelInferRequest narrow = OneInput("UINT8", {1});
  narrow.mutable_inputs(0)->mutable_contents()->add_uint_contents(256);
  EXPECT_THAT(Refused(narrow), HasSubstr("UINT8"));
  inference::ModelInferRequest half = OneInput("FP16", {1});
  half.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.0F);
  EXPECT_THAT(Refused(half), HasSubstr("raw_input_contents"));
  inference::ModelInferRequest wrong_field = OneInput("FP32", {1});
  wrong_field.mutable_inputs(0)->mutable_contents()->add_fp64_contents(1.0);
  EXPECT_THAT(Refused(wrong_field), HasSubstr("1 elements"));
}

TEST(GrpcMessages, WantDataInExactlyOnePlace) {
  inference::ModelInferRequest none = OneInput("FP32", {1});
  EXPECT_THAT(Refused(none), HasSubstr("neither"));
  inference::ModelInferRequest both = OneInput("BOOL", {1});
  both.add_raw_input_contents("\1");
  both.mutable_inputs(0)->mutable_contents()->add_bool_contents(true);
  EXPECT_THAT(Refused(both), HasSubstr("either"));
  inference::ModelInferRequest more = OneInput("BOOL", {1});
  more.add_raw_input_contents("\1");
  more.add_raw_input_contents("\1");
  EXPECT_THAT(Refused(more), HasSubstr("2 raw_input_contents for 1 inputs"));
}

TEST(GrpcMessages, StopAtTheLimitsOfEveryRequest) {
  EXPECT_THAT(Refused({}), HasSubstr("no inputs"));
  EXPECT_THAT(Refused(OneInput("FLOAT", {1})), HasSubstr("unknown datatype"));
  inference::ModelInferRequest many = OneInput("BOOL", {1});
  many.add_raw_input_contents("\1");
  (*many.mutable_parameters())["a"].set_bool_param(true);
  (*many.mutable_parameters())["b"].set_bool_param(true);
  EXPECT_THAT(Refused(many, {.parameters_max = 1}), HasSubstr("at most 1 parameters"));
  many.add_inputs()->set_name("z");
  EXPECT_THAT(Refused(many, {.tensors_max = 1}), HasSubstr("at most 1 inputs"));
  inference::ModelInferRequest empty = OneInput("BOOL", {1});
  (*empty.mutable_parameters())["a"] = {};
  EXPECT_THAT(Refused(empty), HasSubstr("no value"));
}

TEST(GrpcMessages, AnswerWithRawContents) {
  openinference::InferResponse response{.model = "m", .version = "2", .id = "r"};
  response.parameters["us"] = int64_t{7};
  response.outputs.push_back(
      {.name = "y",
       .type = ElementType::kUint8,
       .dims = {1, 2},
       .bytes = openinference::TensorBytes(std::vector<std::byte>{std::byte{1}, std::byte{2}})});
  inference::ModelInferResponse message;
  ASSERT_TRUE(WriteInferMessage(response, message).ok());
  EXPECT_EQ(message.model_name(), "m");
  EXPECT_EQ(message.model_version(), "2");
  EXPECT_EQ(message.id(), "r");
  EXPECT_EQ(message.parameters().at("us").int64_param(), 7);
  EXPECT_EQ(message.outputs(0).datatype(), "UINT8");
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(1, 2));
  EXPECT_EQ(message.raw_output_contents(0), "\1\2");
}

TEST(GrpcDescriptions, SayWhatAModelTakes) {
  openinference::ModelMetadata model{.name = "m", .versions = {"1"}};
  model.inputs = {{"images", ElementType::kFloat32, {-1, 3}}};
  model.properties = {{"task", "detect"}};
  const auto message = ToMessage(model);
  EXPECT_EQ(message.platform(), "onnx_onnxv1");
  EXPECT_EQ(message.inputs(0).datatype(), "FP32");
  EXPECT_THAT(message.inputs(0).shape(), ElementsAre(-1, 3));
  EXPECT_EQ(message.properties().at("task"), "detect");
}

TEST(GrpcDescriptions, NumberDatatypesAsTritonDoes) {
  openinference::ModelConfig config{.name = "m"};
  for (int i = 0; i <= static_cast<int>(ElementType::kOther); ++i) {
    config.inputs.push_back({"x", static_cast<ElementType>(i), {}});
  }
  const inference::ModelConfigResponse message = ToMessage(config);
  std::vector<int> numbers;
  for (const auto& input : message.config().input()) numbers.push_back(input.data_type());
  EXPECT_THAT(numbers, ElementsAre(11, 10, 12, 1, 2, 6, 3, 7, 4, 8, 5, 9, 13, 0));
}

TEST(GrpcDescriptions, CarryStatisticsAndTheIndex) {
  openinference::ModelStatistics model;
  model.name = "m";
  model.success = {2, 30};
  model.batches.push_back({.batch_size = 1, .compute_infer = {2, 20}});
  const auto statistics = ToMessage(std::vector{model});
  EXPECT_EQ(statistics.model_stats(0).inference_stats().success().ns(), 30U);
  EXPECT_EQ(statistics.model_stats(0).batch_stats(0).compute_infer().count(), 2U);
  const auto index =
      ToMessage(std::vector<openinference::RepositoryEntry>{{"m", "1", "READY", ""}});
  EXPECT_EQ(index.models(0).state(), "READY");
}

}  // namespace
}  // namespace bulkhead::rpc
