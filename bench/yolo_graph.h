// SPDX-License-Identifier: Apache-2.0
// Networks of the usual sizes, made on the spot, so that benchmarks need no download.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bulkhead::bench {

enum class Size { kNano, kSmall };

// An ONNX file with the layers, shapes and metadata of a YOLOv8 detection export (80 classes, input
// 1x3x640x640, opset 17): 3.2 million parameters and 8.7 GFLOPs as kNano, 11.2 million and 28.6 as
// kSmall. Weights are seeded noise scaled to keep activations in range, so what it detects means
// nothing; its speed and memory do. Layer plan: the published YOLOv8 architecture.
std::vector<std::byte> MakeYoloGraph(Size size);

}  // namespace bulkhead::bench
