// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

namespace bulkhead::bench {

// A value inside the graph under construction: its name and its channels.
struct Tap {
  std::string name;
  int64_t channels = 0;
};

// Builds an ONNX graph layer by layer. Every function adds nodes and returns what they compute.
class GraphBuilder {
 public:
  Tap Input(const std::string& name, const std::vector<int64_t>& dims);
  void Output(const Tap& tap, const std::string& name, const std::vector<int64_t>& dims);

  // Convolution with bias, padded to keep the size at stride 1.
  Tap Conv(const Tap& in, int64_t channels, int64_t kernel, int64_t stride);
  // x * sigmoid(x).
  Tap Silu(const Tap& in);
  Tap ConvSilu(const Tap& in, int64_t channels, int64_t kernel, int64_t stride);
  Tap Add(const Tap& a, const Tap& b);
  Tap Concat(const std::vector<Tap>& parts, int64_t axis);
  std::pair<Tap, Tap> SplitHalf(const Tap& in);
  Tap MaxPool5(const Tap& in);
  Tap Upsample2(const Tap& in);
  Tap Reshape(const Tap& in, const std::vector<int64_t>& dims);
  Tap Transpose(const Tap& in, const std::vector<int64_t>& order);
  Tap Slice(const Tap& in, int64_t begin, int64_t end);
  // One node of any other operator, with attributes already set by the caller on the result.
  Tap Simple(const std::string& op, const std::vector<std::string>& inputs, int64_t channels);
  onnx::NodeProto& LastNode();

  std::string Floats(const std::vector<int64_t>& dims, const std::vector<float>& values);
  std::string Integers(const std::vector<int64_t>& values);
  void Metadata(const std::string& key, const std::string& value);

  std::vector<std::byte> Finish();

 private:
  std::string NewName() { return "t" + std::to_string(next_++); }

  onnx::ModelProto model_;
  std::mt19937 random_{1};
  int next_ = 0;
};

}  // namespace bulkhead::bench
