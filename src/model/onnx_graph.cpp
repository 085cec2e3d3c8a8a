// SPDX-License-Identifier: Apache-2.0
#include "model/onnx_graph.h"

#include <limits>
#include <utility>

#include <google/protobuf/stubs/common.h>

#include "model/onnx_tensor.h"

namespace bulkhead::model {
namespace {

using base::Code;
using base::PublicError;

base::Error Wrong(std::string_view what) {
  return PublicError(Code::kInvalid, "not a valid ONNX model: " + std::string(what));
}

bool IsOnnxDomain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

base::Status ReadAttribute(const onnx::AttributeProto& attribute, Node& node) {
  AttributeValue value;
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      value = attribute.i();
      break;
    case onnx::AttributeProto::FLOAT:
      value = attribute.f();
      break;
    case onnx::AttributeProto::STRING:
      value = attribute.s();
      break;
    case onnx::AttributeProto::INTS:
      value = std::vector<int64_t>(attribute.ints().begin(), attribute.ints().end());
      break;
    case onnx::AttributeProto::FLOATS:
      value = std::vector<float>(attribute.floats().begin(), attribute.floats().end());
      break;
    case onnx::AttributeProto::TENSOR: {
      BH_ASSIGN(value, ToConstant(attribute.t()));
      break;
    }
    default:
      return base::Ok();
  }
  node.attributes.insert_or_assign(attribute.name(), std::move(value));
  return base::Ok();
}

base::Result<Node> ReadNode(const onnx::NodeProto& proto) {
  Node node;
  node.op = IsOnnxDomain(proto.domain()) ? proto.op_type() : proto.domain() + "." + proto.op_type();
  node.name = proto.name();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto& attribute : proto.attribute()) BH_TRY(ReadAttribute(attribute, node));
  return node;
}

// The value of a Constant node, whichever of its attributes holds it; nullopt for kinds that do not
// steer shapes (strings, sparse tensors).
std::optional<Constant> ConstantOf(Node& node) {
  Constant constant;
  for (auto& [name, value] : node.attributes) {
    if (auto* tensor = std::get_if<Constant>(&value)) {
      constant = std::move(*tensor);
    } else if (const auto* integer = std::get_if<int64_t>(&value); name == "value_int" && integer) {
      constant.spec.type = base::ElementType::kInt64;
      constant.int_values = {*integer};
    } else if (const auto* number = std::get_if<float>(&value); name == "value_float" && number) {
      constant.spec.type = base::ElementType::kFloat32;
      constant.float_values = {*number};
    } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&value)) {
      constant.spec.type = base::ElementType::kInt64;
      constant.spec.dims = {static_cast<int64_t>(integers->size())};
      constant.int_values = *integers;
    } else if (const auto* numbers = std::get_if<std::vector<float>>(&value)) {
      constant.spec.type = base::ElementType::kFloat32;
      constant.spec.dims = {static_cast<int64_t>(numbers->size())};
      constant.float_values = *numbers;
    } else {
      continue;
    }
    if (constant.bytes == 0) {
      constant.bytes = constant.int_values.size() * sizeof(int64_t) +
                       constant.float_values.size() * sizeof(float);
    }
    constant.spec.name = node.outputs.front();
    return constant;
  }
  return std::nullopt;
}

base::Status ReadNodes(const onnx::GraphProto& graph, OnnxGraph& out) {
  if (static_cast<std::size_t>(graph.node_size()) > kNodesMax) {
    return PublicError(Code::kExhausted, "an ONNX model of too many nodes");
  }
  for (const onnx::NodeProto& proto : graph.node()) {
    BH_ASSIGN(Node node, ReadNode(proto));
    if (node.op == "Constant" && node.outputs.size() == 1) {
      if (auto constant = ConstantOf(node)) {
        out.constants.insert_or_assign(node.outputs.front(), std::move(*constant));
        continue;
      }
    }
    out.nodes.push_back(std::move(node));
  }
  return base::Ok();
}

base::Status ReadValues(const onnx::GraphProto& graph, OnnxGraph& out) {
  if (graph.sparse_initializer_size() > 0) {
    return PublicError(Code::kUnsupported, "the model has sparse weights");
  }
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    if (tensor.name().empty()) return Wrong("an initializer without a name");
    BH_ASSIGN(Constant constant, ToConstant(tensor));
    out.initializers.insert_or_assign(tensor.name(), std::move(constant));
  }
  for (const onnx::ValueInfoProto& value : graph.input()) {
    BH_ASSIGN(base::TensorSpec spec, ToTensorSpec(value));
    if (!out.initializers.contains(spec.name)) out.description.inputs.push_back(std::move(spec));
  }
  for (const onnx::ValueInfoProto& value : graph.output()) {
    BH_ASSIGN(base::TensorSpec spec, ToTensorSpec(value));
    out.description.outputs.push_back(std::move(spec));
  }
  for (const onnx::ValueInfoProto& value : graph.value_info()) {
    BH_ASSIGN(base::TensorSpec spec, ToTensorSpec(value));
    out.value_info.insert_or_assign(value.name(), std::move(spec));
  }
  return base::Ok();
}

// Reads the wire format; false when it is none. protobuf reports text that is not UTF-8 on stderr
// by itself, and the text is a tenant's.
bool ParseProto(std::span<const std::byte> file, onnx::ModelProto& model) {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  const google::protobuf::LogSilencer silence;
#endif
  return model.ParsePartialFromArray(file.data(), static_cast<int>(file.size()));
}

}  // namespace

base::Result<OnnxGraph> ParseOnnx(std::span<const std::byte> file) {
  if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return PublicError(Code::kExhausted, "an ONNX model of 2 GiB or more");
  }
  onnx::ModelProto model;
  if (file.empty() || !ParseProto(file, model)) return Wrong("its bytes are not ONNX");
  if (!model.has_graph() || model.graph().node_size() == 0) return Wrong("it has no graph");
  OnnxGraph out;
  out.ir_version = model.ir_version();
  out.producer = model.producer_name();
  for (const auto& import : model.opset_import()) {
    if (IsOnnxDomain(import.domain())) out.opset = import.version();
  }
  for (const auto& entry : model.metadata_props()) {
    out.description.metadata.insert_or_assign(entry.key(), entry.value());
  }
  BH_TRY(ReadValues(model.graph(), out));
  BH_TRY(ReadNodes(model.graph(), out));
  return out;
}

}  // namespace bulkhead::model
