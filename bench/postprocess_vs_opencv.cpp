// SPDX-License-Identifier: Apache-2.0
#include "postprocess_vs_opencv.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "paired_medians.h"
#include "yolo/heads.h"

namespace bulkhead::bench {
namespace {

constexpr int kClasses = 80;
constexpr int kAnchors = 8400;
constexpr int kCandidates = 1000;
constexpr int kSize = 640;
constexpr int kRepetitions = 101;
constexpr double kBar = 5;
constexpr double kClassOffset = 7680;  // pixels; keeps classes apart in a class-blind suppression

struct Found {
  float x1, y1, x2, y2, score;
  int class_index;
};

// Objects of 20 to 200 pixels, ten candidates around each, as a detector gives them before
// suppression; every other anchor scores below the threshold in all classes.
std::vector<float> RandomOutput() {
  std::mt19937 engine(20240229);
  const auto uniform = [&](float low, float high) {
    return low + (high - low) * static_cast<float>(engine() >> 8U) / 16777216.0F;
  };
  std::vector<float> output(static_cast<std::size_t>(4 + kClasses) * kAnchors);
  const auto at = [&](int row, int anchor) -> float& {
    return output[static_cast<std::size_t>(row) * kAnchors + static_cast<std::size_t>(anchor)];
  };
  for (int row = 4; row < 4 + kClasses; ++row) {
    for (int anchor = 0; anchor < kAnchors; ++anchor) at(row, anchor) = uniform(0, 0.2F);
  }
  std::vector<int> anchors(kAnchors);
  for (int i = 0; i < kAnchors; ++i) anchors[static_cast<std::size_t>(i)] = i;
  std::shuffle(anchors.begin(), anchors.end(), engine);
  float box[4] = {};
  int class_index = 0;
  for (int i = 0; i < kCandidates; ++i) {
    if (i % 10 == 0) {
      box[0] = uniform(120, kSize - 120);
      box[1] = uniform(120, kSize - 120);
      box[2] = uniform(20, 200);
      box[3] = uniform(20, 200);
      class_index = static_cast<int>(engine() % kClasses);
    }
    const int anchor = anchors[static_cast<std::size_t>(i)];
    for (int j = 0; j < 4; ++j) at(j, anchor) = box[j] * uniform(0.97F, 1.03F);
    at(4 + class_index, anchor) = uniform(0.3F, 0.95F);
  }
  return output;
}

base::Result<yolo::ImageResult> DecodeOurs(const std::vector<float>& output,
                                           const yolo::ModelSpec& spec) {
  const base::TensorView view{
      base::ElementType::kFloat32, {1, 4 + kClasses, kAnchors}, std::as_bytes(std::span(output))};
  const yolo::Letterbox letterbox{kSize, kSize, kSize, kSize, 0, 0, 1.0};
  return yolo::DecodeOutputs(spec, {&view, 1}, 0, letterbox, kSize, kSize, {});
}

std::vector<Found> DecodeOpencv(std::vector<float>& output) {
  const yolo::DetectOptions options;
  const cv::Mat channels(4 + kClasses, kAnchors, CV_32F, output.data());
  cv::Mat rows;
  cv::transpose(channels, rows);
  std::vector<cv::Rect2d> boxes;
  std::vector<float> scores;
  std::vector<int> classes;
  for (int i = 0; i < rows.rows; ++i) {
    double score = 0;
    cv::Point best;
    cv::minMaxLoc(rows.row(i).colRange(4, rows.cols), nullptr, &score, nullptr, &best);
    if (score <= static_cast<double>(options.confidence_min)) continue;
    const float* box = rows.ptr<float>(i);
    boxes.emplace_back(box[0] - box[2] / 2 + best.x * kClassOffset, box[1] - box[3] / 2, box[2],
                       box[3]);
    scores.push_back(static_cast<float>(score));
    classes.push_back(best.x);
  }
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes, scores, options.confidence_min, options.iou_max, kept, 1.F, 0);
  if (kept.size() > static_cast<std::size_t>(options.detections_max)) {
    kept.resize(static_cast<std::size_t>(options.detections_max));
  }
  std::vector<Found> found;
  for (const int index : kept) {
    const auto i = static_cast<std::size_t>(index);
    const double x = boxes[i].x - classes[i] * kClassOffset;
    found.push_back({static_cast<float>(x), static_cast<float>(boxes[i].y),
                     static_cast<float>(x + boxes[i].width),
                     static_cast<float>(boxes[i].y + boxes[i].height), scores[i], classes[i]});
  }
  return found;
}

bool SameBoxes(const yolo::ImageResult& ours, const std::vector<Found>& theirs) {
  if (ours.detections.empty() || ours.detections.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const yolo::Detection& a = ours.detections[i];
    const Found& b = theirs[i];
    const auto inside = [](float v) { return std::clamp(v, 0.0F, static_cast<float>(kSize)); };
    if (a.class_index != b.class_index || std::abs(a.score - b.score) > 1e-6F ||
        std::abs(a.box.x1 - inside(b.x1)) > 0.01F || std::abs(a.box.y1 - inside(b.y1)) > 0.01F ||
        std::abs(a.box.x2 - inside(b.x2)) > 0.01F || std::abs(a.box.y2 - inside(b.y2)) > 0.01F) {
      return false;
    }
  }
  return true;
}

}  // namespace

BenchResult PostprocessVsOpencv() {
  std::vector<float> output = RandomOutput();
  yolo::ModelSpec spec;
  spec.class_names.resize(kClasses);
  yolo::ImageResult ours;
  std::vector<Found> theirs;
  const PairedMedians medians = MeasurePairs(
      kRepetitions, [&] { theirs = DecodeOpencv(output); },
      [&] {
        auto decoded = DecodeOurs(output, spec);
        if (decoded.ok()) ours = std::move(decoded).value();
      });
  const bool same = SameBoxes(ours, theirs);
  char note[160];
  std::snprintf(note, sizeof(note), "%.0f us against OpenCV %s %.0f us, %zu detections, %s",
                medians.b_ms * 1e3, CV_VERSION, medians.a_ms * 1e3, ours.detections.size(),
                same ? "same boxes" : "BOXES DIFFER");
  return {.name = "postprocess-vs-opencv",
          .value = medians.ratio,
          .unit = "x OpenCV",
          .bar = kBar,
          .higher_is_better = true,
          .holds = same && medians.ratio >= kBar,
          .note = note};
}

}  // namespace bulkhead::bench
