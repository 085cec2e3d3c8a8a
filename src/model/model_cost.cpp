// SPDX-License-Identifier: Apache-2.0
#include "model/model_cost.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

double Elements(const Dims& dims) { return static_cast<double>(Product(dims)); }

const InferredTensor* Find(const ShapeInference& shapes, const std::vector<std::string>& names,
                           std::size_t index) {
  if (index >= names.size()) return nullptr;
  const auto tensor = shapes.tensors.find(names[index]);
  return tensor == shapes.tensors.end() ? nullptr : &tensor->second;
}

// Weights are [out, in / groups, kernel...] for Conv and [in, out / groups, kernel...] for
// ConvTranspose: past their first dimension both hold what one element costs.
double WindowCost(const InferredTensor& elements, const InferredTensor& weights) {
  if (weights.dims.empty() || weights.dims[0] == 0) return 0;
  return Elements(elements.dims) * Elements(weights.dims) / static_cast<double>(weights.dims[0]);
}

double InnerDimension(const Node& node, const InferredTensor& left) {
  const auto flip = node.attributes.find("transA");
  const int64_t* flipped =
      flip != node.attributes.end() ? std::get_if<int64_t>(&flip->second) : nullptr;
  const bool first = node.op == "Gemm" && flipped != nullptr && *flipped != 0;
  return static_cast<double>(first ? left.dims.front() : left.dims.back());
}

struct Lifetime {
  std::size_t begin = 0;
  std::size_t end = 0;
  uint64_t bytes = 0;
};

class Lifetimes {
 public:
  explicit Lifetimes(const ShapeInference& shapes) : shapes_(shapes) {}

  void Begin(const std::string& name, std::size_t at) {
    const auto tensor = shapes_.tensors.find(name);
    if (tensor == shapes_.tensors.end() || tensor->second.ints) return;
    lifetimes_.insert_or_assign(name, Lifetime{at, at, TensorBytes(tensor->second)});
  }

  void Extend(const std::string& name, std::size_t at) {
    const auto lifetime = lifetimes_.find(name);
    if (lifetime != lifetimes_.end()) lifetime->second.end = std::max(lifetime->second.end, at);
  }

  [[nodiscard]] uint64_t Peak(std::size_t steps) const {
    std::vector<uint64_t> born(steps + 1);
    std::vector<uint64_t> died(steps + 1);
    for (const auto& [name, lifetime] : lifetimes_) {
      born[lifetime.begin] += lifetime.bytes;
      died[lifetime.end] += lifetime.bytes;
    }
    uint64_t alive = 0;
    uint64_t peak = 0;
    for (std::size_t at = 0; at <= steps; ++at) {
      alive += born[at];
      peak = std::max(peak, alive);
      alive -= died[at];
    }
    return peak;
  }

 private:
  const ShapeInference& shapes_;
  std::unordered_map<std::string, Lifetime> lifetimes_;
};

}  // namespace

double CountMultiplyAdds(const OnnxGraph& graph, const ShapeInference& shapes) {
  double total = 0;
  for (const Node& node : graph.nodes) {
    const InferredTensor* left = Find(shapes, node.inputs, 0);
    const InferredTensor* right = Find(shapes, node.inputs, 1);
    const InferredTensor* out = Find(shapes, node.outputs, 0);
    if (left == nullptr || right == nullptr || out == nullptr) continue;
    if (node.op == "Conv") total += WindowCost(*out, *right);
    if (node.op == "ConvTranspose") total += WindowCost(*left, *right);
    if ((node.op == "Gemm" || node.op == "MatMul") && !left->dims.empty()) {
      total += Elements(out->dims) * InnerDimension(node, *left);
    }
  }
  return total;
}

uint64_t PeakActivationBytes(const OnnxGraph& graph, const ShapeInference& shapes) {
  Lifetimes lifetimes(shapes);
  // Step 0 is before the first node; node i runs at step i + 1.
  for (const auto& input : graph.description.inputs) lifetimes.Begin(input.name, 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const auto& name : graph.nodes[i].inputs) lifetimes.Extend(name, i + 1);
    for (const auto& name : graph.nodes[i].outputs) lifetimes.Begin(name, i + 1);
  }
  for (const auto& output : graph.description.outputs) {
    lifetimes.Extend(output.name, graph.nodes.size());
  }
  return lifetimes.Peak(graph.nodes.size());
}

}  // namespace bulkhead::model
