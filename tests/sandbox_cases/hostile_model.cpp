// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/hostile_model.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include <onnx/onnx_pb.h>

namespace bulkhead::sandbox_cases {
namespace {

using Dims = std::vector<int64_t>;

const Dims kInput{1, 3, 64, 64};
const Dims kOutput{1, 6, 84};

void Declare(onnx::ValueInfoProto& value, const std::string& name, int type, const Dims& dims) {
  value.set_name(name);
  auto* tensor = value.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (const int64_t dim : dims) tensor->mutable_shape()->add_dim()->set_dim_value(dim);
}

onnx::NodeProto& Node(onnx::GraphProto& graph, const std::string& op,
                      std::initializer_list<std::string> inputs, const std::string& output) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

onnx::TensorProto& Constant(onnx::GraphProto& graph, const std::string& name, int type) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  return tensor;
}

// To a scalar.
void Reduce(onnx::GraphProto& graph, const std::string& op, const std::string& input,
            const std::string& output) {
  onnx::AttributeProto& keep = *Node(graph, op, {input}, output).add_attribute();
  keep.set_name("keepdims");
  keep.set_type(onnx::AttributeProto::INT);
  keep.set_i(0);
}

void Integers(onnx::GraphProto& graph, const std::string& name, const Dims& values) {
  onnx::TensorProto& tensor = Constant(graph, name, onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t value : values) tensor.add_int64_data(value);
}

void Scalar(onnx::GraphProto& graph, const std::string& name, float value) {
  Constant(graph, name, onnx::TensorProto::FLOAT).add_float_data(value);
}

// A model without nodes: "images" comes in, "output0" is to be made.
onnx::ModelProto Detector(const Dims& input = kInput) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("detector");
  Declare(*graph.add_input(), "images", onnx::TensorProto::FLOAT, input);
  Declare(*graph.add_output(), "output0", onnx::TensorProto::FLOAT, kOutput);
  for (const auto& [key, value] : {std::pair{"task", "detect"},
                                   {"stride", "32"},
                                   {"names", "{0: 'bolt', 1: 'nut'}"},
                                   {"imgsz", "[64, 64]"}}) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  return model;
}

// "output0" is `scalar` everywhere, and no optimiser can know that before a picture comes: the
// picture's minimum, which is not negative, decides nothing but is asked.
void Answer(onnx::GraphProto& graph, const std::string& scalar) {
  Reduce(graph, "ReduceMin", "images", "least");
  Scalar(graph, "nought", 0.0F);
  Node(graph, "Mul", {"least", "nought"}, "nothing");
  Node(graph, "Add", {"nothing", scalar}, "answer");
  Integers(graph, "shape", kOutput);
  Node(graph, "Expand", {"answer", "shape"}, "output0");
}

std::vector<std::byte> Bytes(const onnx::ModelProto& model) {
  const std::string text = model.SerializeAsString();
  std::vector<std::byte> bytes;
  bytes.reserve(text.size());
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

void AddGraph(onnx::NodeProto& node, const std::string& name, onnx::GraphProto graph) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::GRAPH);
  *attribute.mutable_g() = std::move(graph);
}

}  // namespace

std::vector<std::byte> ModelThatAllocates(long long floats) {
  onnx::ModelProto model = Detector();
  onnx::GraphProto& graph = *model.mutable_graph();
  Integers(graph, "size", {floats});
  // Of the picture, so that it is not folded away when the model is read.
  Reduce(graph, "ReduceMax", "images", "most");
  Node(graph, "Expand", {"most", "size"}, "bomb");
  Reduce(graph, "ReduceMax", "bomb", "value");
  Answer(graph, "value");
  return Bytes(model);
}

std::vector<std::byte> ModelThatLoops() {
  onnx::ModelProto model = Detector();
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::GraphProto body;
  body.set_name("body");
  Declare(*body.add_input(), "turn", onnx::TensorProto::INT64, {});
  Declare(*body.add_input(), "go", onnx::TensorProto::BOOL, {});
  Declare(*body.add_input(), "sum", onnx::TensorProto::FLOAT, {});
  Scalar(body, "step", 1.0F);
  Node(body, "Identity", {"go"}, "go_on");
  Node(body, "Add", {"sum", "step"}, "next_sum");
  Declare(*body.add_output(), "go_on", onnx::TensorProto::BOOL, {});
  Declare(*body.add_output(), "next_sum", onnx::TensorProto::FLOAT, {});
  Constant(graph, "turns", onnx::TensorProto::INT64).add_int64_data(int64_t{1} << 62);
  Constant(graph, "yes", onnx::TensorProto::BOOL).add_int32_data(1);
  Scalar(graph, "start", 0.0F);
  AddGraph(Node(graph, "Loop", {"turns", "yes", "start"}, "value"), "body", std::move(body));
  Answer(graph, "value");
  return Bytes(model);
}

std::vector<std::byte> ModelWithAbsurdInput() {
  onnx::ModelProto model = Detector({4096, 3, 16384, 16384});
  Scalar(*model.mutable_graph(), "value", 0.0F);
  Answer(*model.mutable_graph(), "value");
  return Bytes(model);
}

std::vector<std::byte> ModelWithAbsurdOutput() {
  onnx::ModelProto model = Detector();
  onnx::GraphProto& graph = *model.mutable_graph();
  Reduce(graph, "ReduceMin", "images", "least");
  Integers(graph, "shape", {7, 1000, 1000});
  Node(graph, "Expand", {"least", "shape"}, "output0");
  return Bytes(model);
}

std::vector<std::byte> ModelOfNestedGraphs(int depth) {
  onnx::GraphProto inner;
  inner.set_name("branch");
  Scalar(inner, "zero", 0.0F);
  Node(inner, "Identity", {"zero"}, "value");
  Declare(*inner.add_output(), "value", onnx::TensorProto::FLOAT, {});
  for (int level = 0; level < depth; ++level) {
    onnx::GraphProto outer;
    outer.set_name("branch");
    Declare(*outer.add_output(), "value", onnx::TensorProto::FLOAT, {});
    onnx::NodeProto& node = Node(outer, "If", {"yes"}, "value");
    AddGraph(node, "then_branch", std::move(inner));
    inner = std::move(outer);
  }
  onnx::ModelProto model = Detector();
  onnx::GraphProto& graph = *model.mutable_graph();
  Constant(graph, "yes", onnx::TensorProto::BOOL).add_int32_data(1);
  AddGraph(Node(graph, "If", {"yes"}, "value"), "then_branch", std::move(inner));
  Answer(graph, "value");
  return Bytes(model);
}

std::vector<std::byte> ModelThatReadsAFile(const char* path) {
  onnx::ModelProto model = Detector();
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::TensorProto& tensor = Constant(graph, "value", onnx::TensorProto::FLOAT);
  tensor.add_dims(4);
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] :
       {std::pair{"location", path}, {"offset", "0"}, {"length", "16"}}) {
    onnx::StringStringEntryProto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  Answer(graph, "value");
  return Bytes(model);
}

std::vector<std::byte> ModelThatAnswers(float value) {
  onnx::ModelProto model = Detector();
  Scalar(*model.mutable_graph(), "value", value);
  Answer(*model.mutable_graph(), "value");
  return Bytes(model);
}

}  // namespace bulkhead::sandbox_cases
