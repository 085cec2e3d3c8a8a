// SPDX-License-Identifier: Apache-2.0
// Arithmetic and memory of a graph whose shapes are known.
#pragma once

#include <cstdint>

#include "model/onnx_graph.h"
#include "model/shape_inference.h"

namespace bulkhead::model {

// Multiply-adds of Conv, ConvTranspose, Gemm and MatMul; everything else is left out, as it is
// small beside them and counted differently everywhere. Nodes of unknown shape count nothing.
//
//   Conv:           outputs x input channels / groups x kernel area
//   ConvTranspose:  inputs x output channels / groups x kernel area
//   Gemm, MatMul:   outputs x inner dimension
double CountMultiplyAdds(const OnnxGraph& graph, const ShapeInference& shapes);

// The largest sum of bytes of the tensors alive at one node. A tensor lives from the node that
// makes it to the last that reads it (interval liveness over the file's order, as in linear-scan
// allocation: Poletto and Sarkar 1999); the graph's inputs live from the start, its outputs to the
// end. No output shares memory with an input, so that an engine which computes in place needs less:
// this is an upper bound. Weights and small constants are not counted.
uint64_t PeakActivationBytes(const OnnxGraph& graph, const ShapeInference& shapes);

}  // namespace bulkhead::model
