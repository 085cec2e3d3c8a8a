// SPDX-License-Identifier: Apache-2.0
#include "model/shape_inference.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Dims = std::vector<int64_t>;
using Attributes = std::map<std::string, AttributeValue>;

constexpr auto kFloat = base::ElementType::kFloat32;

Constant Ints(Dims values) {
  Constant constant;
  constant.spec = {"", base::ElementType::kInt64, {static_cast<int64_t>(values.size())}};
  constant.int_values = std::move(values);
  return constant;
}

Constant Scalar(int64_t value) {
  Constant constant = Ints({value});
  constant.spec.dims.clear();
  return constant;
}

Constant Floats(std::vector<float> values) {
  Constant constant;
  constant.spec = {"", kFloat, {static_cast<int64_t>(values.size())}};
  constant.float_values = std::move(values);
  return constant;
}

Constant Weights(Dims dims) {
  Constant constant;
  constant.spec = {"", kFloat, std::move(dims)};
  return constant;
}

// One operator over an input x and constants c1, c2, ...; the shape of its first output as text.
std::string Infer(const std::string& op, const Dims& x, const std::vector<Constant>& constants,
                  const Attributes& attributes = {}, std::size_t outputs = 1) {
  OnnxGraph graph;
  graph.opset = 18;
  Node node{op, "", {"x"}, {}, attributes};
  for (std::size_t i = 0; i < constants.size(); ++i) {
    node.inputs.push_back("c" + std::to_string(i));
    graph.initializers["c" + std::to_string(i)] = constants[i];
  }
  for (std::size_t i = 0; i < outputs; ++i) node.outputs.push_back("y" + std::to_string(i));
  graph.nodes.push_back(std::move(node));
  const base::TensorSpec input{"x", kFloat, x};
  const ShapeInference shapes = InferShapes(graph, {&input, 1});
  const auto found = shapes.tensors.find("y" + std::to_string(outputs - 1));
  if (found == shapes.tensors.end()) return "unknown " + shapes.unknown_operators.front();
  return base::FormatDims(found->second.dims);
}

TEST(ShapeInference, SlidesWindows) {
  const Constant weights = Weights({16, 3, 3, 3});
  EXPECT_EQ(Infer("Conv", {1, 3, 640, 640}, {weights},
                  {{"strides", Dims{2, 2}}, {"pads", Dims{1, 1, 1, 1}}}),
            "1x16x320x320");
  EXPECT_EQ(Infer("Conv", {1, 3, 9, 9}, {weights}, {{"dilations", Dims{2, 2}}}), "1x16x5x5");
  EXPECT_EQ(Infer("Conv", {1, 3, 9, 9}, {weights},
                  {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Dims{2, 2}}}),
            "1x16x5x5");
  EXPECT_EQ(
      Infer("ConvTranspose", {1, 64, 80, 80}, {Weights({64, 64, 2, 2})}, {{"strides", Dims{2, 2}}}),
      "1x64x160x160");
  EXPECT_EQ(Infer("MaxPool", {1, 8, 20, 20}, {},
                  {{"kernel_shape", Dims{5, 5}}, {"pads", Dims{2, 2, 2, 2}}}),
            "1x8x20x20");
  EXPECT_EQ(
      Infer("MaxPool", {1, 8, 6, 6}, {},
            {{"kernel_shape", Dims{3, 3}}, {"strides", Dims{2, 2}}, {"ceil_mode", int64_t{1}}}),
      "1x8x3x3");
  EXPECT_EQ(Infer("GlobalAveragePool", {1, 8, 7, 7}, {}), "1x8x1x1");
}

TEST(ShapeInference, RefusesWindowsThatDoNotFit) {
  EXPECT_EQ(Infer("Conv", {1, 3, 2, 2}, {Weights({16, 3, 3, 3})}), "unknown Conv");
  EXPECT_EQ(Infer("Conv", {1, 3, 8, 8}, {Weights({16, 3, 3, 3})}, {{"strides", Dims{0, 1}}}),
            "unknown Conv");
  EXPECT_EQ(Infer("Conv", {1, 3, 8, 8}, {Weights({16, 3, 3, 3})},
                  {{"pads", Dims{int64_t{1} << 62, 0, 0, 0}}}),
            "unknown Conv");
}

TEST(ShapeInference, ResizesByScalesAndBySizes) {
  EXPECT_EQ(Infer("Resize", {1, 8, 20, 20}, {Floats({}), Floats({1, 1, 2, 2})}), "1x8x40x40");
  EXPECT_EQ(Infer("Resize", {1, 8, 20, 20}, {Floats({}), Floats({}), Ints({1, 8, 33, 44})}),
            "1x8x33x44");
  EXPECT_EQ(Infer("Upsample", {1, 8, 20, 20}, {Floats({1, 1, 2, 2})}), "1x8x40x40");
}

TEST(ShapeInference, Rearranges) {
  EXPECT_EQ(Infer("Reshape", {2, 144, 80, 80}, {Ints({0, 144, -1})}), "2x144x6400");
  EXPECT_EQ(Infer("Reshape", {2, 3}, {Ints({4, -1})}), "unknown Reshape");
  EXPECT_EQ(Infer("Reshape", {2, 3}, {Ints({-1, -1})}), "unknown Reshape");
  EXPECT_EQ(Infer("Transpose", {1, 84, 8400}, {}, {{"perm", Dims{0, 2, 1}}}), "1x8400x84");
  EXPECT_EQ(Infer("Transpose", {2, 3, 4}, {}), "4x3x2");
  EXPECT_EQ(Infer("Flatten", {2, 3, 4}, {}), "2x12");
  EXPECT_EQ(Infer("Squeeze", {1, 3, 1}, {Ints({0})}), "3x1");
  EXPECT_EQ(Infer("Squeeze", {1, 3, 1}, {Ints({1})}), "unknown Squeeze");
  EXPECT_EQ(Infer("Unsqueeze", {3}, {Ints({0, -1})}), "1x3x1");
  EXPECT_EQ(Infer("Pad", {1, 3}, {Ints({0, 1, 0, 2})}), "1x6");
  EXPECT_EQ(Infer("Expand", {1, 3}, {Ints({4, 1})}), "4x3");
  EXPECT_EQ(Infer("Tile", {2, 3}, {Ints({2, 2})}), "4x6");
  EXPECT_EQ(Infer("Concat", {1, 3}, {Weights({1, 4})}, {{"axis", int64_t{-1}}}), "1x7");
  EXPECT_EQ(Infer("Concat", {1, 3}, {Weights({2, 4})}, {{"axis", int64_t{1}}}), "unknown Concat");
}

TEST(ShapeInference, MovesBlocksBetweenChannelsAndSides) {
  const Attributes two = {{"blocksize", int64_t{2}}};
  EXPECT_EQ(Infer("DepthToSpace", {1, 12, 5, 7}, {}, two), "1x3x10x14");
  EXPECT_EQ(Infer("DepthToSpace", {1, 6, 5, 7}, {}, two), "unknown DepthToSpace");
  EXPECT_EQ(Infer("SpaceToDepth", {1, 3, 10, 14}, {}, two), "1x12x5x7");
  EXPECT_EQ(Infer("SpaceToDepth", {1, 3, 10, 7}, {}, two), "unknown SpaceToDepth");
}

TEST(ShapeInference, SplitsByListAndEvenly) {
  EXPECT_EQ(Infer("Split", {1, 144}, {Ints({64, 80})}, {{"axis", int64_t{1}}}, 2), "1x80");
  EXPECT_EQ(Infer("Split", {1, 7}, {}, {{"axis", int64_t{1}}}, 2), "1x3");
  EXPECT_EQ(Infer("Split", {1, 7}, {Ints({8, -1})}, {{"axis", int64_t{1}}}, 2), "unknown Split");
}

TEST(ShapeInference, ClampsSlices) {
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(Infer("Slice", {1, 84, 10}, {Ints({4}), Ints({kEnd}), Ints({1})}), "1x80x10");
  EXPECT_EQ(Infer("Slice", {10}, {Ints({-3}), Ints({-1}), Ints({0})}), "2");
  EXPECT_EQ(Infer("Slice", {10}, {Ints({0}), Ints({10}), Ints({0}), Ints({3})}), "4");
  EXPECT_EQ(Infer("Slice", {10}, {Ints({-1}), Ints({kLow}), Ints({0}), Ints({-1})}), "10");
  EXPECT_EQ(Infer("Slice", {10}, {Ints({kLow}), Ints({kEnd}), Ints({0}), Ints({kEnd})}), "1");
  EXPECT_EQ(Infer("Slice", {10}, {Ints({0}), Ints({1}), Ints({0}), Ints({0})}), "unknown Slice");
}

TEST(ShapeInference, SelectsByIndex) {
  EXPECT_EQ(Infer("Gather", {5, 6, 7}, {Ints({1, 2})}, {{"axis", int64_t{1}}}), "5x2x7");
  EXPECT_EQ(Infer("Gather", {5, 6, 7}, {Scalar(0)}), "6x7");
  EXPECT_EQ(Infer("TopK", {1, 8400}, {Ints({300})}, {}, 2), "1x300");
  EXPECT_EQ(Infer("TopK", {1, 100}, {Ints({300})}), "unknown TopK");
  EXPECT_EQ(Infer("ArgMax", {1, 80, 10}, {}, {{"axis", int64_t{1}}, {"keepdims", int64_t{0}}}),
            "1x10");
  EXPECT_EQ(Infer("ReduceMax", {1, 80, 10}, {Ints({1})}, {{"keepdims", int64_t{0}}}), "1x10");
  EXPECT_EQ(Infer("NonZero", {3, 4}, {}), "2x12");
  EXPECT_EQ(Infer("NonMaxSuppression", {2, 100, 4}, {Weights({2, 80, 100}), Ints({10})}), "1600x3");
}

TEST(ShapeInference, MultipliesMatrices) {
  EXPECT_EQ(Infer("MatMul", {1, 2, 400, 32}, {Weights({1, 1, 32, 400})}), "1x2x400x400");
  EXPECT_EQ(Infer("MatMul", {4, 3}, {Weights({3})}), "4");
  EXPECT_EQ(Infer("MatMul", {4, 3}, {Weights({4, 3})}), "unknown MatMul");
  EXPECT_EQ(Infer("Gemm", {1, 1280}, {Weights({1000, 1280})}, {{"transB", int64_t{1}}}), "1x1000");
}

TEST(ShapeInference, Broadcasts) {
  EXPECT_EQ(Infer("Add", {1, 4, 8400}, {Weights({4, 1})}), "1x4x8400");
  EXPECT_EQ(Infer("Add", {1, 4}, {Weights({3})}), "unknown Add");
}

// How dynamic exports spell "the height and width of x": Shape, Gather, Mul, Unsqueeze, Concat.
TEST(ShapeInference, FollowsShapesThatAGraphComputes) {
  OnnxGraph graph;
  graph.opset = 18;
  graph.initializers = {{"two", Scalar(2)},
                        {"three", Scalar(3)},
                        {"zero", Ints({0})},
                        {"one", Ints({1})},
                        {"rest", Ints({-1})}};
  graph.nodes = {
      {"Shape", "", {"x"}, {"shape"}, {}},
      {"Gather", "", {"shape", "two"}, {"h"}, {{"axis", int64_t{0}}}},
      {"Gather", "", {"shape", "three"}, {"w"}, {{"axis", int64_t{0}}}},
      {"Mul", "", {"h", "w"}, {"area"}, {}},
      {"Unsqueeze", "", {"area", "zero"}, {"area1"}, {}},
      {"Concat", "", {"one", "rest", "area1"}, {"target"}, {{"axis", int64_t{0}}}},
      {"Reshape", "", {"x", "target"}, {"y"}, {}},
  };
  const base::TensorSpec input{"x", kFloat, {1, 144, 8, 6}};
  const ShapeInference shapes = InferShapes(graph, {&input, 1});
  EXPECT_THAT(shapes.unknown_operators, IsEmpty());
  EXPECT_THAT(shapes.tensors.at("y").dims, ElementsAre(1, 144, 48));
}

// [2] + [2, 1] is [2, 2]: two values no longer fill it, and must not be taken for a shape.
TEST(ShapeInference, DropsValuesThatABroadcastOutgrew) {
  Constant column = Ints({1, 1});
  column.spec.dims = {2, 1};
  OnnxGraph graph;
  graph.initializers = {{"row", Ints({2, 3})}, {"column", std::move(column)}};
  graph.nodes = {{"Add", "", {"row", "column"}, {"sum"}, {}},
                 {"Reshape", "", {"x", "sum"}, {"y"}, {}}};
  const base::TensorSpec input{"x", kFloat, {12}};
  const ShapeInference shapes = InferShapes(graph, {&input, 1});
  EXPECT_THAT(shapes.tensors.at("sum").dims, ElementsAre(2, 2));
  EXPECT_THAT(shapes.unknown_operators, ElementsAre("Reshape"));
}

TEST(ShapeInference, FallsBackToDeclaredShapes) {
  OnnxGraph graph;
  graph.nodes = {{"com.acme.Magic", "", {"x"}, {"y"}, {}}, {"Relu", "", {"y"}, {"z"}, {}}};
  const base::TensorSpec input{"x", kFloat, {1}};
  ShapeInference shapes = InferShapes(graph, {&input, 1});
  EXPECT_THAT(shapes.unknown_operators, ElementsAre("com.acme.Magic"));
  EXPECT_FALSE(shapes.tensors.contains("z"));
  graph.value_info["y"] = {"y", kFloat, {5}};
  shapes = InferShapes(graph, {&input, 1});
  EXPECT_THAT(shapes.unknown_operators, IsEmpty());
  EXPECT_THAT(shapes.tensors.at("z").dims, ElementsAre(5));
}

TEST(ShapeInference, StopsAtTensorsThatNoMemoryHolds) {
  EXPECT_EQ(Infer("Expand", {1}, {Ints({int64_t{1} << 20, int64_t{1} << 30})}), "unknown Expand");
  EXPECT_EQ(Infer("Tile", {2}, {Ints({std::numeric_limits<int64_t>::max()})}), "unknown Tile");
}

}  // namespace
}  // namespace bulkhead::model
