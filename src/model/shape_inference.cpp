// SPDX-License-Identifier: Apache-2.0
#include "model/shape_inference.h"

#include <algorithm>
#include <set>

#include "base/checked_math.h"
#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

bool WithinBounds(const Dims& dims) {
  if (dims.size() > kRankMax) return false;
  const auto count = base::ElementCount(dims);
  return count && *count <= static_cast<std::size_t>(kElementsMax) &&
         std::all_of(dims.begin(), dims.end(), [](int64_t dim) { return dim <= kElementsMax; });
}

InferredTensor FromConstant(const Constant& constant) {
  InferredTensor tensor;
  tensor.type = constant.spec.type;
  tensor.dims = constant.spec.dims;
  const auto count = static_cast<std::size_t>(Product(tensor.dims));
  if (count > kConstantValuesMax) return tensor;
  if (constant.int_values.size() == count) tensor.ints = constant.int_values;
  if (constant.float_values.size() == count) tensor.floats = constant.float_values;
  if (tensor.type == base::ElementType::kFloat32) tensor.ints.reset();
  return tensor;
}

class Walk {
 public:
  explicit Walk(const OnnxGraph& graph) : graph_(graph) {
    for (const auto& spec : graph.description.outputs) outputs_[spec.name] = &spec;
  }

  void AddConstants(const std::map<std::string, Constant>& constants) {
    for (const auto& [name, constant] : constants) {
      if (WithinBounds(constant.spec.dims)) found_.tensors[name] = FromConstant(constant);
    }
  }

  void AddInputs(std::span<const base::TensorSpec> inputs) {
    for (const base::TensorSpec& spec : inputs) {
      if (WithinBounds(spec.dims)) found_.tensors[spec.name] = {spec.type, spec.dims, {}, {}};
    }
  }

  void Visit(const Node& node) {
    const bool known = ReadInputs(node);
    std::optional<Tensors> outputs;
    if (known) outputs = ApplyRule(node);
    bool complete = true;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      const bool inferred = outputs && i < outputs->size() && WithinBounds((*outputs)[i].dims);
      if (inferred) {
        Keep(node.outputs[i], std::move((*outputs)[i]));
      } else if (!TakeDeclared(node.outputs[i])) {
        complete = false;
      }
    }
    if (known && !complete) unknown_.insert(node.op.substr(0, 64));
  }

  ShapeInference Finish() {
    found_.unknown_operators.assign(unknown_.begin(), unknown_.end());
    return std::move(found_);
  }

 private:
  // Points inputs_ at the node's inputs; false when one is not known.
  bool ReadInputs(const Node& node) {
    inputs_.clear();
    for (const std::string& name : node.inputs) {
      if (name.empty()) {
        inputs_.push_back(nullptr);
        continue;
      }
      const auto tensor = found_.tensors.find(name);
      if (tensor == found_.tensors.end()) return false;
      inputs_.push_back(&tensor->second);
    }
    return true;
  }

  [[nodiscard]] std::optional<Tensors> ApplyRule(const Node& node) const {
    for (const RuleTable* table :
         {&ArithmeticRules(), &WindowRules(), &ArrangementRules(), &IndexRules()}) {
      const auto rule = table->find(node.op);
      if (rule != table->end()) return rule->second({node, inputs_, graph_.opset});
    }
    return std::nullopt;
  }

  void Keep(const std::string& name, InferredTensor tensor) {
    if (tensor.ints && tensor.ints->size() > kFoldedValuesMax) tensor.ints.reset();
    if (tensor.floats && tensor.floats->size() > kFoldedValuesMax) tensor.floats.reset();
    found_.tensors[name] = std::move(tensor);
  }

  // Falls back to what the file declares, when that is static.
  bool TakeDeclared(const std::string& name) {
    const base::TensorSpec* spec = nullptr;
    if (const auto value = graph_.value_info.find(name); value != graph_.value_info.end()) {
      spec = &value->second;
    } else if (const auto output = outputs_.find(name); output != outputs_.end()) {
      spec = output->second;
    }
    if (spec == nullptr || spec->type == base::ElementType::kOther || !WithinBounds(spec->dims)) {
      return false;
    }
    found_.tensors[name] = {spec->type, spec->dims, {}, {}};
    return true;
  }

  const OnnxGraph& graph_;
  std::map<std::string, const base::TensorSpec*> outputs_;
  std::vector<const InferredTensor*> inputs_;
  std::set<std::string> unknown_;
  ShapeInference found_;
};

}  // namespace

ShapeInference InferShapes(const OnnxGraph& graph, std::span<const base::TensorSpec> inputs) {
  Walk walk(graph);
  walk.AddConstants(graph.initializers);
  walk.AddConstants(graph.constants);
  walk.AddInputs(inputs);
  for (const Node& node : graph.nodes) walk.Visit(node);
  return walk.Finish();
}

uint64_t TensorBytes(const InferredTensor& tensor) {
  return static_cast<uint64_t>(Product(tensor.dims)) * base::ElementBytes(tensor.type).value_or(0);
}

}  // namespace bulkhead::model
