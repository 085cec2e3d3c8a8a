// SPDX-License-Identifier: Apache-2.0
#include "yolo_graph.h"

#include <cstdint>

#include "graph_builder.h"

namespace bulkhead::bench {
namespace {

constexpr int64_t kClasses = 80;
// Of the distribution of a box side (Li et al. 2020, "Generalized Focal Loss").
constexpr int64_t kBins = 16;
constexpr int64_t kSide = 640;
constexpr int64_t kAnchors = 8400;  // 80 x 80 + 40 x 40 + 20 x 20

// Two convolutions with an optional shortcut.
Tap Bottleneck(GraphBuilder& graph, const Tap& in, bool shortcut) {
  const Tap inner = graph.ConvSilu(in, in.channels, 3, 1);
  const Tap outer = graph.ConvSilu(inner, in.channels, 3, 1);
  return shortcut ? graph.Add(in, outer) : outer;
}

// Cross-stage block: half the channels pass, the other half go through `depth` bottlenecks, and
// every stage is concatenated.
Tap CrossStage(GraphBuilder& graph, const Tap& in, int64_t channels, int depth, bool shortcut) {
  const auto [passed, worked] = graph.SplitHalf(graph.ConvSilu(in, channels, 1, 1));
  std::vector<Tap> stages{passed, worked};
  for (int i = 0; i < depth; ++i) {
    stages.push_back(Bottleneck(graph, stages.back(), shortcut));
  }
  return graph.ConvSilu(graph.Concat(stages, 1), channels, 1, 1);
}

// Spatial pyramid pooling as three chained 5x5 pools.
Tap Pyramid(GraphBuilder& graph, const Tap& in) {
  std::vector<Tap> levels{graph.ConvSilu(in, in.channels / 2, 1, 1)};
  for (int i = 0; i < 3; ++i) levels.push_back(graph.MaxPool5(levels.back()));
  return graph.ConvSilu(graph.Concat(levels, 1), in.channels, 1, 1);
}

struct Levels {
  Tap stride8;
  Tap stride16;
  Tap stride32;
};

Levels Backbone(GraphBuilder& graph, const Tap& images, int64_t base) {
  Tap x = graph.ConvSilu(images, base, 3, 2);
  x = CrossStage(graph, graph.ConvSilu(x, base * 2, 3, 2), base * 2, 1, true);
  const Tap stride8 = CrossStage(graph, graph.ConvSilu(x, base * 4, 3, 2), base * 4, 2, true);
  const Tap stride16 =
      CrossStage(graph, graph.ConvSilu(stride8, base * 8, 3, 2), base * 8, 2, true);
  x = CrossStage(graph, graph.ConvSilu(stride16, base * 16, 3, 2), base * 16, 1, true);
  return {stride8, stride16, Pyramid(graph, x)};
}

Levels Neck(GraphBuilder& graph, const Levels& in) {
  const auto join = [&graph](const Tap& a, const Tap& b, int64_t channels) {
    return CrossStage(graph, graph.Concat({a, b}, 1), channels, 1, false);
  };
  const Tap up16 = join(graph.Upsample2(in.stride32), in.stride16, in.stride16.channels);
  const Tap out8 = join(graph.Upsample2(up16), in.stride8, in.stride8.channels);
  const Tap out16 = join(graph.ConvSilu(out8, out8.channels, 3, 2), up16, up16.channels);
  const Tap out32 =
      join(graph.ConvSilu(out16, out16.channels, 3, 2), in.stride32, in.stride32.channels);
  return {out8, out16, out32};
}

Tap Branch(GraphBuilder& graph, const Tap& in, int64_t inner, int64_t channels) {
  return graph.Conv(graph.ConvSilu(graph.ConvSilu(in, inner, 3, 1), inner, 3, 1), channels, 1, 1);
}

// Anchor centres in cells as [1, 2, 8400] and strides as [1, 8400].
struct AnchorGrid {
  std::vector<float> centres;
  std::vector<float> strides;
};

AnchorGrid MakeAnchors() {
  AnchorGrid grid{std::vector<float>(2 * kAnchors), std::vector<float>(kAnchors)};
  std::size_t anchor = 0;
  for (const int64_t stride : {8, 16, 32}) {
    for (int64_t y = 0; y < kSide / stride; ++y) {
      for (int64_t x = 0; x < kSide / stride; ++x, ++anchor) {
        grid.centres[anchor] = static_cast<float>(x) + 0.5F;
        grid.centres[kAnchors + anchor] = static_cast<float>(y) + 0.5F;
        grid.strides[anchor] = static_cast<float>(stride);
      }
    }
  }
  return grid;
}

// Distances to the four sides -> cx, cy, w, h in input pixels.
Tap DecodeBoxes(GraphBuilder& graph, const Tap& distances) {
  const AnchorGrid grid = MakeAnchors();
  const std::string centres = graph.Floats({1, 2, kAnchors}, grid.centres);
  const std::string strides = graph.Floats({1, 1, kAnchors}, grid.strides);
  const Tap top_left = graph.Simple("Sub", {centres, graph.Slice(distances, 0, 2).name}, 2);
  const Tap bottom_right = graph.Simple("Add", {centres, graph.Slice(distances, 2, 4).name}, 2);
  const Tap sum = graph.Simple("Add", {top_left.name, bottom_right.name}, 2);
  const Tap centre = graph.Simple("Mul", {sum.name, graph.Floats({1}, {0.5F})}, 2);
  const Tap size = graph.Simple("Sub", {bottom_right.name, top_left.name}, 2);
  return graph.Simple("Mul", {graph.Concat({centre, size}, 1).name, strides}, 4);
}

Tap Head(GraphBuilder& graph, const Levels& levels) {
  const int64_t box_inner = std::max<int64_t>({16, levels.stride8.channels / 4, kBins * 4});
  const int64_t class_inner = std::max(levels.stride8.channels, kClasses);
  std::vector<Tap> flattened;
  for (const Tap& level : {levels.stride8, levels.stride16, levels.stride32}) {
    const Tap both = graph.Concat(
        {Branch(graph, level, box_inner, 4 * kBins), Branch(graph, level, class_inner, kClasses)},
        1);
    flattened.push_back(graph.Reshape(both, {1, 4 * kBins + kClasses, -1}));
  }
  Tap all = graph.Concat(flattened, 2);
  all.channels = 4 * kBins + kClasses;
  const Tap bins = graph.Reshape(graph.Slice(all, 0, 4 * kBins), {1, 4, kBins, kAnchors});
  const Tap weights = graph.Simple("Softmax", {graph.Transpose(bins, {0, 3, 1, 2}).name}, kBins);
  std::vector<float> steps(kBins);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<float>(i);
  const Tap expected = graph.Simple("MatMul", {weights.name, graph.Floats({kBins, 1}, steps)}, 1);
  const Tap distances = graph.Reshape(graph.Transpose(expected, {0, 2, 1, 3}), {1, 4, kAnchors});
  const Tap scores =
      graph.Simple("Sigmoid", {graph.Slice(all, 4 * kBins, 4 * kBins + kClasses).name}, kClasses);
  return graph.Concat({DecodeBoxes(graph, distances), scores}, 1);
}

std::string ClassNames() {
  std::string names = "{";
  for (int64_t i = 0; i < kClasses; ++i) {
    names += (i > 0 ? ", " : "") + std::to_string(i) + ": 'class" + std::to_string(i) + "'";
  }
  return names + "}";
}

}  // namespace

std::vector<std::byte> MakeYoloGraph(Size size) {
  GraphBuilder graph;
  const Tap images = graph.Input("images", {1, 3, kSide, kSide});
  const Levels features = Backbone(graph, images, size == Size::kNano ? 16 : 32);
  graph.Output(Head(graph, Neck(graph, features)), "output0", {1, 4 + kClasses, kAnchors});
  graph.Metadata("description", "Bulkhead benchmark network of YOLOv8's shape");
  graph.Metadata("stride", "32");
  graph.Metadata("task", "detect");
  graph.Metadata("batch", "1");
  graph.Metadata("imgsz", "[640, 640]");
  graph.Metadata("names", ClassNames());
  return graph.Finish();
}

}  // namespace bulkhead::bench
