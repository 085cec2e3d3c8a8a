// SPDX-License-Identifier: Apache-2.0
#include "yolo_graph.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/write_file.h"
#include "graph_builder.h"

namespace bulkhead::bench {
namespace {

constexpr int64_t kClasses = 80;
// Of the distribution of a box side (Li et al. 2020, "Generalized Focal Loss").
constexpr int64_t kBins = 16;

// Channels of the five strides, and how many bottlenecks a block has, for every size.
struct Plan {
  std::array<int64_t, 5> channels;
  int depth;
};

Plan PlanOf(Size size) {
  switch (size) {
    case Size::kNano:
      return {{16, 32, 64, 128, 256}, 1};
    case Size::kSmall:
      return {{32, 64, 128, 256, 512}, 1};
    case Size::kMedium:
      return {{48, 96, 192, 384, 576}, 2};
    case Size::kLarge:
      return {{64, 128, 256, 512, 512}, 3};
    case Size::kExtra:
      return {{80, 160, 320, 640, 640}, 3};
  }
  throw std::logic_error("no such size");
}

// Of the three strides together.
int64_t Anchors(const YoloShape& shape) {
  const int64_t cells = shape.side / 32;
  return cells * cells * (16 + 4 + 1);
}

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

Levels Backbone(GraphBuilder& graph, const Tap& images, const Plan& plan) {
  const auto& channels = plan.channels;
  // Halves the sides, then works at the new stride.
  const auto stage = [&graph](const Tap& in, int64_t width, int depth) {
    return CrossStage(graph, graph.ConvSilu(in, width, 3, 2), width, depth, true);
  };
  const Tap stride4 = stage(graph.ConvSilu(images, channels[0], 3, 2), channels[1], plan.depth);
  const Tap stride8 = stage(stride4, channels[2], 2 * plan.depth);
  const Tap stride16 = stage(stride8, channels[3], 2 * plan.depth);
  return {stride8, stride16, Pyramid(graph, stage(stride16, channels[4], plan.depth))};
}

Levels Neck(GraphBuilder& graph, const Levels& in, int depth) {
  const auto join = [&graph, depth](const Tap& a, const Tap& b, int64_t channels) {
    return CrossStage(graph, graph.Concat({a, b}, 1), channels, depth, false);
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

// Anchor centres in cells as [1, 2, anchors] and strides as [1, anchors].
struct AnchorGrid {
  std::vector<float> centres;
  std::vector<float> strides;
};

AnchorGrid MakeAnchors(const YoloShape& shape) {
  const auto anchors = static_cast<std::size_t>(Anchors(shape));
  AnchorGrid grid{std::vector<float>(2 * anchors), std::vector<float>(anchors)};
  std::size_t anchor = 0;
  for (const int64_t stride : {8, 16, 32}) {
    for (int64_t y = 0; y < shape.side / stride; ++y) {
      for (int64_t x = 0; x < shape.side / stride; ++x, ++anchor) {
        grid.centres[anchor] = static_cast<float>(x) + 0.5F;
        grid.centres[anchors + anchor] = static_cast<float>(y) + 0.5F;
        grid.strides[anchor] = static_cast<float>(stride);
      }
    }
  }
  return grid;
}

// Distances to the four sides -> cx, cy, w, h in input pixels.
Tap DecodeBoxes(GraphBuilder& graph, const Tap& distances, const YoloShape& shape) {
  const AnchorGrid grid = MakeAnchors(shape);
  const int64_t anchors = Anchors(shape);
  const std::string centres = graph.Floats({1, 2, anchors}, grid.centres);
  const std::string strides = graph.Floats({1, 1, anchors}, grid.strides);
  const Tap top_left = graph.Simple("Sub", {centres, graph.Slice(distances, 0, 2).name}, 2);
  const Tap bottom_right = graph.Simple("Add", {centres, graph.Slice(distances, 2, 4).name}, 2);
  const Tap sum = graph.Simple("Add", {top_left.name, bottom_right.name}, 2);
  const Tap centre = graph.Simple("Mul", {sum.name, graph.Floats({1}, {0.5F})}, 2);
  const Tap size = graph.Simple("Sub", {bottom_right.name, top_left.name}, 2);
  return graph.Simple("Mul", {graph.Concat({centre, size}, 1).name, strides}, 4);
}

Tap Head(GraphBuilder& graph, const Levels& levels, const YoloShape& shape) {
  const int64_t anchors = Anchors(shape);
  const int64_t box_inner = std::max<int64_t>({16, levels.stride8.channels / 4, kBins * 4});
  const int64_t class_inner = std::max(levels.stride8.channels, kClasses);
  std::vector<Tap> flattened;
  for (const Tap& level : {levels.stride8, levels.stride16, levels.stride32}) {
    const Tap both = graph.Concat(
        {Branch(graph, level, box_inner, 4 * kBins), Branch(graph, level, class_inner, kClasses)},
        1);
    flattened.push_back(graph.Reshape(both, {shape.batch, 4 * kBins + kClasses, -1}));
  }
  Tap all = graph.Concat(flattened, 2);
  all.channels = 4 * kBins + kClasses;
  const Tap bins = graph.Reshape(graph.Slice(all, 0, 4 * kBins), {shape.batch, 4, kBins, anchors});
  const Tap weights = graph.Simple("Softmax", {graph.Transpose(bins, {0, 3, 1, 2}).name}, kBins);
  std::vector<float> steps(kBins);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<float>(i);
  const Tap expected = graph.Simple("MatMul", {weights.name, graph.Floats({kBins, 1}, steps)}, 1);
  const Tap distances =
      graph.Reshape(graph.Transpose(expected, {0, 2, 1, 3}), {shape.batch, 4, anchors});
  const Tap scores =
      graph.Simple("Sigmoid", {graph.Slice(all, 4 * kBins, 4 * kBins + kClasses).name}, kClasses);
  return graph.Concat({DecodeBoxes(graph, distances, shape), scores}, 1);
}

std::string ClassNames() {
  std::string names = "{";
  for (int64_t i = 0; i < kClasses; ++i) {
    names += (i > 0 ? ", " : "") + std::to_string(i) + ": 'class" + std::to_string(i) + "'";
  }
  return names + "}";
}

}  // namespace

std::vector<std::byte> MakeYoloGraph(const YoloShape& shape) {
  const Plan plan = PlanOf(shape.size);
  GraphBuilder graph;
  const Tap images = graph.Input("images", {shape.batch, 3, shape.side, shape.side});
  const Levels levels = Neck(graph, Backbone(graph, images, plan), plan.depth);
  graph.Output(Head(graph, levels, shape), "output0", {shape.batch, 4 + kClasses, Anchors(shape)});
  graph.Metadata("description", "Bulkhead benchmark network of YOLOv8's shape");
  graph.Metadata("stride", "32");
  graph.Metadata("task", "detect");
  graph.Metadata("batch", std::to_string(shape.batch));
  graph.Metadata("imgsz", fmt::format("[{0}, {0}]", shape.side));
  graph.Metadata("names", ClassNames());
  return graph.Finish();
}

void WriteYoloGraph(const YoloShape& shape, const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(base::WriteFile(path, MakeYoloGraph(shape)).ok() ? 0 : 1);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

std::string_view SizeName(Size size) {
  constexpr std::array<std::string_view, 5> kNames = {"n", "s", "m", "l", "x"};
  return kNames.at(static_cast<std::size_t>(size));
}

}  // namespace bulkhead::bench
