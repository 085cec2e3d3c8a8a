// SPDX-License-Identifier: Apache-2.0
#include "model/model_card.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/checked_math.h"
#include "model/model_cost.h"
#include "model/shape_inference.h"

namespace bulkhead::model {
namespace {

constexpr std::array kBatches = {1, 4, 8, 16};

bool IsFloat(base::ElementType type) {
  return type == base::ElementType::kFloat32 || type == base::ElementType::kFloat16 ||
         type == base::ElementType::kFloat64 || type == base::ElementType::kOther;
}

bool HasParameters(std::string_view op) {
  constexpr std::array kOps = {"Conv",   "ConvTranspose",      "Gemm",
                               "MatMul", "BatchNormalization", "InstanceNormalization",
                               "PRelu",  "LayerNormalization"};
  return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

const Constant* FindConstant(const OnnxGraph& graph, const std::string& name) {
  if (const auto found = graph.initializers.find(name); found != graph.initializers.end()) {
    return &found->second;
  }
  const auto found = graph.constants.find(name);
  return found == graph.constants.end() ? nullptr : &found->second;
}

// The constant behind a name, through the nodes that only rename or convert it.
const Constant* FindWeight(const OnnxGraph& graph,
                           const std::map<std::string, std::string>& renamed, std::string name) {
  constexpr int kHopsMax = 4;
  for (int hop = 0; hop < kHopsMax; ++hop) {
    if (const Constant* constant = FindConstant(graph, name)) return constant;
    const auto source = renamed.find(name);
    if (source == renamed.end()) return nullptr;
    name = source->second;
  }
  return nullptr;
}

uint64_t CountParameters(const OnnxGraph& graph) {
  std::map<std::string, std::string> renamed;
  uint64_t parameters = 0;
  for (const Node& node : graph.nodes) {
    const bool renames =
        node.op == "Identity" || node.op == "Cast" || node.op == "DequantizeLinear";
    if (renames && !node.inputs.empty() && !node.outputs.empty()) {
      renamed[node.outputs.front()] = node.inputs.front();
    }
    if (!HasParameters(node.op)) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Constant* weight = FindWeight(graph, renamed, node.inputs[i]);
      // A product with a scalar is no layer.
      if (weight == nullptr || weight->spec.dims.empty()) continue;
      const bool quantized = weight->spec.type == base::ElementType::kInt8 && i == 1;
      if (!IsFloat(weight->spec.type) && !quantized) continue;
      parameters += base::ElementCount(weight->spec.dims).value_or(0);
    }
  }
  return parameters;
}

uint64_t CountWeightBytes(const OnnxGraph& graph) {
  uint64_t bytes = 0;
  for (const auto& [name, constant] : graph.initializers) bytes += constant.bytes;
  for (const auto& [name, constant] : graph.constants) bytes += constant.bytes;
  return bytes;
}

ShapeInference InferAt(const OnnxGraph& graph, const yolo::ModelSpec& spec, int batch) {
  base::TensorSpec input = graph.description.inputs.front();
  input.dims = {batch, 3, spec.default_height, spec.default_width};
  return InferShapes(graph, {&input, 1});
}

uint64_t InputBytes(const OnnxGraph& graph, const ShapeInference& shapes) {
  const auto input = shapes.tensors.find(graph.description.inputs.front().name);
  return input == shapes.tensors.end() ? 0 : TensorBytes(input->second);
}

}  // namespace

base::Result<ModelCard> ReadModelCard(std::span<const std::byte> file,
                                      const yolo::SpecOverrides& overrides) {
  BH_ASSIGN(const OnnxGraph graph, ParseOnnx(file));
  ModelCard card;
  BH_ASSIGN(card.spec, yolo::ReadModelSpec(graph.description, overrides));
  card.outputs = graph.description.outputs;
  card.opset = graph.opset;
  card.file_bytes = file.size();
  card.parameters = CountParameters(graph);
  card.weights_bytes = CountWeightBytes(graph);

  const auto fixed = card.spec.input.batch;
  const std::vector<int> batches =
      fixed ? std::vector{*fixed} : std::vector<int>(kBatches.begin(), kBatches.end());
  for (const int batch : batches) {
    ShapeInference shapes = InferAt(graph, card.spec, batch);
    const uint64_t peak = PeakActivationBytes(graph, shapes);
    card.memory.push_back({batch, peak, card.weights_bytes + peak, InputBytes(graph, shapes)});
    if (batch != batches.front()) continue;
    card.gflops = 2 * CountMultiplyAdds(graph, shapes) / batch / 1e9;
    card.unknown_operators = std::move(shapes.unknown_operators);
  }
  return card;
}

}  // namespace bulkhead::model
