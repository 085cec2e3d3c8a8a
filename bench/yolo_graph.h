// SPDX-License-Identifier: Apache-2.0
// Networks of the usual sizes, made on the spot, so that benchmarks need no download.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace bulkhead::bench {

enum class Size { kNano, kSmall, kMedium, kLarge, kExtra };

struct YoloShape {
  Size size = Size::kNano;
  int64_t side = 640;  // of the square input, a multiple of 32
  int64_t batch = 1;
};

// An ONNX file with the layers, shapes and metadata of a YOLOv8 detection export (80 classes, input
// batch x 3 x side x side, opset 17): 3.2, 11.2, 25.9, 43.7 and 68.2 million parameters, and 8.7,
// 28.6, 78.9, 165.2 and 257.8 GFLOPs at 640. Weights are seeded noise scaled to keep activations in
// range, so what it detects means nothing; its speed and memory do. Layer plan and multiples of
// width and depth: the published YOLOv8 architecture.
std::vector<std::byte> MakeYoloGraph(const YoloShape& shape);

// The same in a file, made by a process of its own, which takes the memory that it needed along
// when it ends. Throws.
void WriteYoloGraph(const YoloShape& shape, const std::filesystem::path& path);

// "n", "s", "m", "l", "x".
std::string_view SizeName(Size size);

}  // namespace bulkhead::bench
