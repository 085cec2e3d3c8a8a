// SPDX-License-Identifier: Apache-2.0
// Tiny ONNX files for the tests of this folder.
#pragma once

#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace bulkhead::model {

// Builds a model tensor by tensor; every call returns what it added for further changes.
class OnnxFixture {
 public:
  OnnxFixture() {
    model_.set_ir_version(8);
    model_.set_producer_name("test");
    auto* opset = model_.add_opset_import();
    opset->set_version(18);
  }

  onnx::ModelProto& model() { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  static void SetTensor(onnx::ValueInfoProto& value, const std::string& name,
                        const std::vector<int64_t>& dims, int type = onnx::TensorProto::FLOAT) {
    value.set_name(name);
    auto* tensor = value.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (const int64_t dim : dims) {
      auto* added = tensor->mutable_shape()->add_dim();
      if (dim < 0) added->set_dim_param("any");
      if (dim >= 0) added->set_dim_value(dim);
    }
  }

  void Input(const std::string& name, const std::vector<int64_t>& dims) {
    SetTensor(*graph().add_input(), name, dims);
  }

  void Output(const std::string& name, const std::vector<int64_t>& dims) {
    SetTensor(*graph().add_output(), name, dims);
  }

  onnx::TensorProto& Floats(const std::string& name, const std::vector<int64_t>& dims) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    int64_t count = 1;
    for (const int64_t dim : dims) {
      tensor->add_dims(dim);
      count *= dim;
    }
    tensor->set_raw_data(std::string(static_cast<std::size_t>(count) * sizeof(float), '\0'));
    return *tensor;
  }

  onnx::TensorProto& Ints(const std::string& name, const std::vector<int64_t>& values,
                          bool scalar = false) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    if (!scalar) tensor->add_dims(static_cast<int64_t>(values.size()));
    for (const int64_t value : values) tensor->add_int64_data(value);
    return *tensor;
  }

  onnx::NodeProto& Node(const std::string& op, std::initializer_list<std::string> inputs,
                        std::initializer_list<std::string> outputs) {
    auto* node = graph().add_node();
    node->set_op_type(op);
    for (const std::string& input : inputs) node->add_input(input);
    for (const std::string& output : outputs) node->add_output(output);
    return *node;
  }

  static void Attribute(onnx::NodeProto& node, const std::string& name, int64_t value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
  }

  static void Attribute(onnx::NodeProto& node, const std::string& name,
                        const std::vector<int64_t>& values) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute->add_ints(value);
  }

  static void Attribute(onnx::NodeProto& node, const std::string& name, const std::string& value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value);
  }

  void Metadata(const std::string& key, const std::string& value) {
    auto* entry = model_.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }

  [[nodiscard]] std::vector<std::byte> Bytes() const {
    const std::string text = model_.SerializePartialAsString();
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
  }

 private:
  onnx::ModelProto model_;
};

}  // namespace bulkhead::model
