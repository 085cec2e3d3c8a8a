// SPDX-License-Identifier: Apache-2.0
// An ONNX file as plain values: what sizing needs to know, without running it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::model {

// A constant: a weight, the output of a Constant node, or a tensor attribute. Values are filled
// only for small tensors (kConstantValuesMax), of integers or truths (shapes, axes, sizes) and of
// float32 (resize scales), since only those steer shapes.
struct Constant {
  base::TensorSpec spec;
  std::size_t bytes = 0;
  std::vector<int64_t> int_values;
  std::vector<float> float_values;
};

inline constexpr std::size_t kConstantValuesMax = 1024;
inline constexpr std::size_t kNodesMax = 100'000;
inline constexpr std::size_t kRankMax = 16;

// Attributes that hold graphs, types or several strings or tensors are left out.
using AttributeValue =
    std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>, Constant>;

struct Node {
  std::string op;  // "Conv", "Concat", ...; with its domain ("com.acme.Conv") when not ONNX's own
  std::string name;
  std::vector<std::string> inputs;  // an empty name is an input left out
  std::vector<std::string> outputs;
  std::map<std::string, AttributeValue> attributes;
};

struct OnnxGraph {
  int64_t ir_version = 0;
  int64_t opset = 0;
  std::string producer;
  base::GraphDescription description;  // inputs without those that an initializer fills
  std::vector<Node> nodes;             // in the file's order, which ONNX requires to be topological
  std::map<std::string, Constant> initializers;  // of the graph
  std::map<std::string, Constant> constants;     // of its Constant nodes, which are not in `nodes`
  std::map<std::string, base::TensorSpec> value_info;
};

// Parses an ONNX file from memory; any IR version and any opset. Blocks for the time of one pass
// over the file, and needs memory of about its size. Prints nothing.
//
// kInvalid: not an ONNX model, or one that breaks ONNX's own rules (no graph, an undefined type, an
// initializer whose length does not fit its shape). kUnsupported: weights in external files.
// kExhausted: 2 GiB or more, over kNodesMax nodes, or a tensor of over kRankMax dimensions.
base::Result<OnnxGraph> ParseOnnx(std::span<const std::byte> file);

}  // namespace bulkhead::model
