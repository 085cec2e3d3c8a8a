// SPDX-License-Identifier: Apache-2.0
#include "graph_builder.h"

#include <cmath>
#include <span>

namespace bulkhead::bench {
namespace {

void SetIntegers(onnx::NodeProto& node, const std::string& name,
                 const std::vector<int64_t>& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
}

void SetInteger(onnx::NodeProto& node, const std::string& name, int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void SetText(onnx::NodeProto& node, const std::string& name, const std::string& value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

void Describe(onnx::ValueInfoProto& info, const std::string& name,
              const std::vector<int64_t>& dims) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

}  // namespace

onnx::NodeProto& GraphBuilder::LastNode() {
  return *model_.mutable_graph()->mutable_node(model_.graph().node_size() - 1);
}

Tap GraphBuilder::Simple(const std::string& op, const std::vector<std::string>& inputs,
                         int64_t channels) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(op);
  for (const std::string& input : inputs) node.add_input(input);
  const std::string output = NewName();
  node.add_output(output);
  return {output, channels};
}

Tap GraphBuilder::Input(const std::string& name, const std::vector<int64_t>& dims) {
  Describe(*model_.mutable_graph()->add_input(), name, dims);
  return {name, dims[1]};
}

void GraphBuilder::Output(const Tap& tap, const std::string& name,
                          const std::vector<int64_t>& dims) {
  Simple("Identity", {tap.name}, tap.channels);
  LastNode().set_output(0, name);
  Describe(*model_.mutable_graph()->add_output(), name, dims);
}

std::string GraphBuilder::Floats(const std::vector<int64_t>& dims,
                                 const std::vector<float>& values) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(NewName());
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor.name();
}

std::string GraphBuilder::Integers(const std::vector<int64_t>& values) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(NewName());
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  tensor.set_raw_data(values.data(), values.size() * sizeof(int64_t));
  return tensor.name();
}

Tap GraphBuilder::Conv(const Tap& in, int64_t channels, int64_t kernel, int64_t stride) {
  const int64_t fan_in = in.channels * kernel * kernel;
  // He et al. 2015: keeps the variance of activations from layer to layer.
  std::normal_distribution<float> noise(0, std::sqrt(2.0F / static_cast<float>(fan_in)));
  std::vector<float> weights(static_cast<std::size_t>(channels * fan_in));
  for (float& weight : weights) weight = noise(random_);
  const std::string weight = Floats({channels, in.channels, kernel, kernel}, weights);
  const std::string bias =
      Floats({channels}, std::vector<float>(static_cast<std::size_t>(channels)));
  const Tap out = Simple("Conv", {in.name, weight, bias}, channels);
  const int64_t pad = kernel / 2;
  SetIntegers(LastNode(), "kernel_shape", {kernel, kernel});
  SetIntegers(LastNode(), "strides", {stride, stride});
  SetIntegers(LastNode(), "pads", {pad, pad, pad, pad});
  return out;
}

Tap GraphBuilder::Silu(const Tap& in) {
  const Tap gate = Simple("Sigmoid", {in.name}, in.channels);
  return Simple("Mul", {in.name, gate.name}, in.channels);
}

Tap GraphBuilder::ConvSilu(const Tap& in, int64_t channels, int64_t kernel, int64_t stride) {
  return Silu(Conv(in, channels, kernel, stride));
}

Tap GraphBuilder::Add(const Tap& a, const Tap& b) {
  return Simple("Add", {a.name, b.name}, a.channels);
}

Tap GraphBuilder::Concat(const std::vector<Tap>& parts, int64_t axis) {
  std::vector<std::string> names;
  int64_t channels = 0;
  for (const Tap& part : parts) {
    names.push_back(part.name);
    channels = axis == 1 ? channels + part.channels : part.channels;
  }
  const Tap out = Simple("Concat", names, channels);
  SetInteger(LastNode(), "axis", axis);
  return out;
}

std::pair<Tap, Tap> GraphBuilder::SplitHalf(const Tap& in) {
  const int64_t half = in.channels / 2;
  const Tap first = Simple("Split", {in.name, Integers({half, half})}, half);
  SetInteger(LastNode(), "axis", 1);
  const std::string second = NewName();
  LastNode().add_output(second);
  return {first, {second, half}};
}

Tap GraphBuilder::MaxPool5(const Tap& in) {
  const Tap out = Simple("MaxPool", {in.name}, in.channels);
  SetIntegers(LastNode(), "kernel_shape", {5, 5});
  SetIntegers(LastNode(), "pads", {2, 2, 2, 2});
  SetIntegers(LastNode(), "strides", {1, 1});
  return out;
}

Tap GraphBuilder::Upsample2(const Tap& in) {
  const Tap out = Simple("Resize", {in.name, "", Floats({4}, {1, 1, 2, 2})}, in.channels);
  SetText(LastNode(), "mode", "nearest");
  SetText(LastNode(), "coordinate_transformation_mode", "asymmetric");
  SetText(LastNode(), "nearest_mode", "floor");
  return out;
}

Tap GraphBuilder::Reshape(const Tap& in, const std::vector<int64_t>& dims) {
  return Simple("Reshape", {in.name, Integers(dims)}, dims[1]);
}

Tap GraphBuilder::Transpose(const Tap& in, const std::vector<int64_t>& order) {
  const Tap out = Simple("Transpose", {in.name}, in.channels);
  SetIntegers(LastNode(), "perm", order);
  return out;
}

Tap GraphBuilder::Slice(const Tap& in, int64_t begin, int64_t end) {
  return Simple("Slice", {in.name, Integers({begin}), Integers({end}), Integers({1})}, end - begin);
}

void GraphBuilder::Metadata(const std::string& key, const std::string& value) {
  onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

std::vector<std::byte> GraphBuilder::Finish() {
  model_.set_ir_version(8);
  model_.set_producer_name("bulkhead-bench");
  model_.mutable_graph()->set_name("yolo");
  onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
  opset.set_version(17);
  const std::string file = model_.SerializeAsString();
  const auto bytes = std::as_bytes(std::span(file));
  return {bytes.begin(), bytes.end()};
}

}  // namespace bulkhead::bench
