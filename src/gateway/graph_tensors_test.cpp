// SPDX-License-Identifier: Apache-2.0
#include "gateway/graph_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

using base::ElementType;
using openinference::InferRequest;
using openinference::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

channel::Hello TwoInputs() {
  channel::Hello hello;
  hello.inputs = {{"images", ElementType::kFloat32, {-1, 3}},
                  {"sizes", ElementType::kInt64, {1, 2}}};
  hello.outputs = {{"boxes", ElementType::kFloat32, {1, -1}},
                   {"scores", ElementType::kFloat32, {1, -1}}};
  return hello;
}

Tensor TensorOf(std::string name, ElementType type, std::vector<int64_t> dims,
                std::size_t bytes = 0) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = type;
  tensor.dims = std::move(dims);
  tensor.bytes = openinference::TensorBytes(std::vector<std::byte>(bytes));
  return tensor;
}

// What the graph takes, in another order than its own.
InferRequest Good() {
  InferRequest request;
  request.inputs = {TensorOf("sizes", ElementType::kInt64, {1, 2}, 16),
                    TensorOf("images", ElementType::kFloat32, {4, 3}, 48)};
  return request;
}

// The sentence of the refusal, for the caller.
std::string Refusal(const InferRequest& request) {
  const auto graph = GraphRequest(request, TwoInputs());
  if (graph.ok()) return "";
  EXPECT_EQ(graph.error().code, base::Code::kInvalid);
  return graph.error().public_message;
}

TEST(GraphRequest, PutsInputsInTheGraphsOrderAndLeavesTheirBytesWhereTheyAre) {
  const InferRequest request = Good();
  const auto graph = GraphRequest(request, TwoInputs());
  ASSERT_TRUE(graph.ok());
  ASSERT_EQ(graph.value().inputs.size(), 2U);
  const base::TensorView& images = graph.value().inputs[0];
  EXPECT_EQ(images.type, ElementType::kFloat32);
  EXPECT_THAT(images.dims, ElementsAre(4, 3));
  EXPECT_EQ(images.bytes.data(), request.inputs[1].bytes.view().data());
  EXPECT_EQ(images.bytes.size(), 48U);
  EXPECT_EQ(graph.value().inputs[1].bytes.data(), request.inputs[0].bytes.view().data());
}

TEST(GraphRequest, NamesWantedOutputsByTheirPlaceInTheOrderOfTheRequest) {
  InferRequest request = Good();
  EXPECT_THAT(GraphRequest(request, TwoInputs()).value().outputs, IsEmpty());
  request.outputs = {{.name = "scores"}, {.name = "boxes"}};
  EXPECT_THAT(GraphRequest(request, TwoInputs()).value().outputs, ElementsAre(1, 0));
}

TEST(GraphRequest, RefusesAnInputThatIsMissingUnknownOrThereTwice) {
  InferRequest request = Good();
  request.inputs.pop_back();
  EXPECT_THAT(Refusal(request), HasSubstr("2 input(s), the request 1"));
  request.inputs.push_back(TensorOf("pictures", ElementType::kFloat32, {4, 3}));
  EXPECT_THAT(Refusal(request), HasSubstr("named 'images'"));
  request.inputs.back() = request.inputs.front();
  EXPECT_THAT(Refusal(request), HasSubstr("'sizes' comes twice"));
}

TEST(GraphRequest, RefusesAnotherType) {
  InferRequest request = Good();
  request.inputs[1].type = ElementType::kFloat16;
  EXPECT_THAT(Refusal(request), HasSubstr("'images' must be FP32, not FP16"));
  request.inputs[1].type = ElementType::kOther;
  EXPECT_THAT(Refusal(request), HasSubstr("not another type"));
}

TEST(GraphRequest, RefusesDimensionsThatDoNotFit) {
  InferRequest request = Good();
  for (const std::vector<int64_t>& dims :
       {std::vector<int64_t>{4, 2}, {0, 3}, {-1, 3}, {3}, {4, 3, 1}, {}}) {
    request.inputs[1].dims = dims;
    EXPECT_THAT(Refusal(request), HasSubstr("'images' must have the shape ?x3"));
  }
}

TEST(GraphRequest, RefusesAnOutputThatThereIsNotOrThatIsAskedForTwice) {
  InferRequest request = Good();
  request.outputs = {{.name = "masks"}};
  EXPECT_THAT(Refusal(request), HasSubstr("no output of a name"));
  request.outputs = {{.name = "boxes"}, {.name = "scores"}, {.name = "boxes"}};
  EXPECT_THAT(Refusal(request), HasSubstr("'boxes' is asked for twice"));
}

TEST(GraphResponse, NamesWhatTheWorkerGaveAndDoesNotCopyIt) {
  const std::vector<std::byte> bytes(8);
  channel::InferReply reply;
  reply.outputs = {{1, {ElementType::kFloat32, {1, 2}, bytes}},
                   {0, {ElementType::kFloat32, {1, 0}, {}}}};
  const auto response = GraphResponse(reply, TwoInputs());
  ASSERT_EQ(response.outputs.size(), 2U);
  EXPECT_EQ(response.outputs[0].name, "scores");
  EXPECT_EQ(response.outputs[0].type, ElementType::kFloat32);
  EXPECT_THAT(response.outputs[0].dims, ElementsAre(1, 2));
  EXPECT_EQ(response.outputs[0].bytes.view().data(), bytes.data());
  EXPECT_EQ(response.outputs[1].name, "boxes");
  EXPECT_THAT(response.outputs[1].bytes.view(), IsEmpty());
}

}  // namespace
}  // namespace bulkhead::gateway
