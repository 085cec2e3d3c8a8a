// SPDX-License-Identifier: Apache-2.0
// What a model is and what it costs, from its file alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/onnx_graph.h"
#include "yolo/model_spec.h"

namespace bulkhead::model {

// Peak device memory of one batch size: weights + the largest sum of tensors alive at once. The
// engine's own context and workspace come on top and are added by planner::sizing.
struct MemoryEstimate {
  int batch = 1;
  uint64_t peak_activation_bytes = 0;
  uint64_t total_bytes = 0;
  uint64_t input_bytes = 0;  // of one run; among the activations too
};

struct ModelCard {
  yolo::ModelSpec spec;
  std::vector<base::TensorSpec> outputs;  // as the graph declares them
  int64_t opset = 0;
  uint64_t file_bytes = 0;
  // Elements of the weights and biases of convolutions, products and normalisations, counted where
  // they are used: an exporter may store equal tensors once. Grids and scales that it froze into
  // the file are no parameters.
  uint64_t parameters = 0;
  uint64_t weights_bytes = 0;  // bytes of all initializers and constants
  // 2 x multiply-adds of Conv, ConvTranspose, Gemm and MatMul at the default input, of one picture.
  double gflops = 0;
  std::vector<MemoryEstimate> memory;  // batch 1, 4, 8, 16 (one entry when the batch is static)
  // Operators whose output shape could not be inferred; when not empty, gflops and memory are lower
  // bounds and say so wherever they are shown.
  std::vector<std::string> unknown_operators;
};

// kInvalid, kUnsupported or kExhausted: as ParseOnnx and yolo::ReadModelSpec.
base::Result<ModelCard> ReadModelCard(std::span<const std::byte> file,
                                      const yolo::SpecOverrides& overrides = {});

}  // namespace bulkhead::model
