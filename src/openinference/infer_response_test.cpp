// SPDX-License-Identifier: Apache-2.0
#include "openinference/infer_response.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "openinference/test_bytes.h"

namespace bulkhead::openinference {
namespace {

using base::Code;
using base::ElementType;
using testing::HasSubstr;

template <typename T>
Tensor Output(std::string name, ElementType type, const std::vector<T>& elements) {
  return {.name = std::move(name),
          .type = type,
          .dims = {static_cast<int64_t>(elements.size())},
          .bytes = TensorBytes(BytesOf(elements)),
          .parameters = {}};
}

InferResponse Response(std::vector<Tensor> outputs) {
  return {.model = "m", .version = "3", .id = {}, .parameters = {}, .outputs = std::move(outputs)};
}

std::string Json(Tensor output) {
  auto body = WriteInferResponse(Response({std::move(output)}), {});
  if (!body.ok()) return body.error().public_message;
  EXPECT_EQ(body.value().parts.size(), 1U);
  EXPECT_FALSE(body.value().header_length.has_value());
  return Text(body.value().parts[0]);
}

TEST(InferResponse, WritesJsonThatClientsIndexWithoutAsking) {
  EXPECT_EQ(Json(Output<int32_t>("y", ElementType::kInt32, {1, -2})),
            R"({"model_name":"m","model_version":"3","outputs":[)"
            R"({"name":"y","datatype":"INT32","shape":[2],"data":[1,-2]}]})");
}

TEST(InferResponse, EchoesTheIdAndItsParameters) {
  InferResponse response = Response({});
  response.id = "a\"b";
  response.parameters["us"] = int64_t{7};
  response.parameters["ok"] = true;
  const auto body = WriteInferResponse(std::move(response), {});
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(Text(body.value().parts[0]), R"({"model_name":"m","model_version":"3","id":"a\"b",)"
                                         R"("parameters":{"ok":true,"us":7},"outputs":[]})");
}

TEST(InferResponse, WritesFloatsThatReadBackExactly) {
  EXPECT_THAT(Json(Output<float>("y", ElementType::kFloat32, {0.1F, 1e20F, -0.0F, 3.0F})),
              HasSubstr(R"("data":[0.1,1e+20,-0,3])"));
  EXPECT_THAT(Json(Output<double>("y", ElementType::kFloat64, {0.1})), HasSubstr(R"([0.1])"));
}

TEST(InferResponse, WritesNullForWhatJsonHasNoNumberFor) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Json(Output<float>("y", ElementType::kFloat32, {nan, infinity, -infinity})),
              HasSubstr(R"("data":[null,null,null])"));
}

TEST(InferResponse, WritesBoolsIntegersAndTexts) {
  EXPECT_THAT(Json(Output<uint8_t>("y", ElementType::kBool, {0, 1, 7})),
              HasSubstr("[false,true,true]"));
  EXPECT_THAT(Json(Output<uint64_t>("y", ElementType::kUint64, {UINT64_MAX})),
              HasSubstr("[18446744073709551615]"));
  EXPECT_THAT(Json(Output<int8_t>("y", ElementType::kInt8, {-128})), HasSubstr("[-128]"));
  Tensor texts = Output<uint8_t>("y", ElementType::kString, {1, 0, 0, 0, 'a', 1, 0, 0, 0, '\n'});
  texts.dims = {2};
  EXPECT_THAT(Json(std::move(texts)), HasSubstr(R"(["a","\u000a"])"));
}

TEST(InferResponse, MovesBinaryTensorsBehindTheirJson) {
  Tensor binary = Output<float>("b", ElementType::kFloat32, {1.0F, 2.0F});
  const void* const bytes = binary.bytes.view().data();
  const std::string expected = Text(binary.bytes.view());
  InferResponse response = Response({Output<int8_t>("j", ElementType::kInt8, {5})});
  response.outputs.push_back(std::move(binary));
  const OutputForms forms{.binary_by_default = true, .binary = {{"j", false}}};
  const auto body = WriteInferResponse(std::move(response), forms);
  ASSERT_TRUE(body.ok());
  const InferBody& parts = body.value();
  ASSERT_EQ(parts.parts.size(), 2U);
  EXPECT_EQ(parts.header_length, parts.parts[0].size());
  EXPECT_THAT(Text(parts.parts[0]), HasSubstr(R"("parameters":{"binary_data_size":8})"));
  EXPECT_THAT(Text(parts.parts[0]), HasSubstr(R"("data":[5])"));
  EXPECT_EQ(Text(parts.parts[1]), expected);
  EXPECT_EQ(static_cast<const void*>(parts.parts[1].data()), bytes) << "copied";
}

TEST(InferResponse, TakesTheFormsFromTheRequest) {
  InferRequest request{.id = {}, .parameters = {}, .inputs = {}, .outputs = {}, .timeout_us = {}};
  request.outputs = {{.name = "a", .binary = true, .parameters = {}},
                     {.name = "b", .binary = std::nullopt, .parameters = {}}};
  const OutputForms forms = FormsOf(request);
  EXPECT_FALSE(forms.binary_by_default);
  EXPECT_TRUE(forms.binary.at("a"));
  EXPECT_FALSE(forms.binary.contains("b"));
}

TEST(InferResponse, RefusesOutputsThatJsonCannotHold) {
  EXPECT_THAT(Json(Output<uint16_t>("y", ElementType::kFloat16, {0})), HasSubstr("binary_data"));
  EXPECT_THAT(
      Json(Output<uint8_t>("y", ElementType::kString, {2, 0, 0, 0, 0xC3, 0x28, 1, 0, 0, 0, 'a'})),
      testing::Not(HasSubstr("outputs\":[")));
  const std::vector<TensorMetadata> half{{"y", ElementType::kFloat16, {1}}};
  EXPECT_FALSE(CheckForms({}, half).ok());
  EXPECT_TRUE(CheckForms({.binary_by_default = true, .binary = {}}, half).ok());
}

TEST(InferResponse, DoesNotPassOnBytesThatAreNotTheShape) {
  Tensor output = Output<float>("y", ElementType::kFloat32, {1.0F});
  output.dims = {2};
  const auto body = WriteInferResponse(Response({std::move(output)}), {});
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().code, Code::kInternal);
}

}  // namespace
}  // namespace bulkhead::openinference
