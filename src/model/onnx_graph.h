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

using AttributeValue =
    std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>>;

struct Node {
  std::string op;  // "Conv", "Concat", ...
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, AttributeValue> attributes;
};

// A weight. `values` are filled only for small integer tensors (shapes, axes, sizes) and small
// float ones (resize scales), since only those steer shapes.
struct Initializer {
  base::TensorSpec spec;
  std::size_t bytes = 0;
  std::vector<int64_t> int_values;
  std::vector<float> float_values;
};

struct OnnxGraph {
  int64_t ir_version = 0;
  int64_t opset = 0;
  std::string producer;
  base::GraphDescription description;
  std::vector<Node> nodes;  // in the file's order, which ONNX requires to be topological
  std::map<std::string, Initializer> initializers;
  std::map<std::string, base::TensorSpec> value_info;
};

// Parses an ONNX file from memory.
//
// kInvalid: not an ONNX model, or one that breaks ONNX's own rules (no graph, an undefined type, an
// initializer whose length does not fit its shape). kUnsupported: weights in external files.
base::Result<OnnxGraph> ParseOnnx(std::span<const std::byte> file);

}  // namespace bulkhead::model
