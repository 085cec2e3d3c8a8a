// SPDX-License-Identifier: Apache-2.0
#include "cli/detect_report.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/run_lengths.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::chrono::nanoseconds Total(const worker::StepTimes& times) {
  return times.decode + times.letterbox + times.infer + times.heads;
}

// A float as the shortest decimal that keeps `digits` places; a float printed as a double would
// show its binary tail.
double Rounded(float value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(static_cast<double>(value) * scale) / scale;
}

// A thousandth of a pixel is below anything a network resolves.
double Pixels(float value) { return Rounded(value, 3); }
double Score(float value) { return Rounded(value, 6); }

json BoxJson(const yolo::Box& box) {
  return {{"x1", Pixels(box.x1)},
          {"y1", Pixels(box.y1)},
          {"x2", Pixels(box.x2)},
          {"y2", Pixels(box.y2)}};
}

json DetectionJson(const yolo::ModelSpec& spec, const yolo::Detection& detection, int image_width,
                   int image_height) {
  json entry{{"class", detection.class_index},
             {"name", ClassName(spec, detection.class_index)},
             {"score", Score(detection.score)},
             {"box", BoxJson(detection.box)}};
  if (detection.rotated) {
    const yolo::RotatedBox& box = *detection.rotated;
    entry["rotated"] = {{"cx", Pixels(box.cx)},
                        {"cy", Pixels(box.cy)},
                        {"width", Pixels(box.width)},
                        {"height", Pixels(box.height)},
                        {"angle", Score(box.angle)}};
  }
  if (detection.mask) {
    entry["mask"] = {{"size", {image_height, image_width}},
                     {"counts", RunLengths(*detection.mask, image_width, image_height)}};
  }
  for (const yolo::Keypoint& point : detection.keypoints) {
    entry["keypoints"].push_back(
        {{"x", Pixels(point.x)}, {"y", Pixels(point.y)}, {"visibility", Score(point.visibility)}});
  }
  return entry;
}

// The columns that only one task has.
std::string TaskColumns(const yolo::Detection& detection) {
  std::string text;
  if (detection.rotated) {
    text += fmt::format("  {:.1f} deg", detection.rotated->angle * 180 / std::numbers::pi_v<float>);
  }
  if (detection.mask) {
    const auto& bits = detection.mask->bits;
    text += fmt::format("  mask {} px", std::count(bits.begin(), bits.end(), uint8_t{1}));
  }
  if (!detection.keypoints.empty())
    text += fmt::format("  {} keypoints", detection.keypoints.size());
  return text;
}

void AppendDetections(std::string& table, const yolo::ModelSpec& spec,
                      const yolo::ImageResult& result) {
  for (const yolo::Detection& detection : result.detections) {
    const yolo::Box& box = detection.box;
    table += fmt::format("  {:<20} {:>5.2f}   x {:>6.0f} to {:<6.0f} y {:>6.0f} to {:.0f}{}\n",
                         EscapeForTerminal(ClassName(spec, detection.class_index)), detection.score,
                         box.x1, box.x2, box.y1, box.y2, TaskColumns(detection));
  }
}

void AppendClasses(std::string& table, const yolo::ModelSpec& spec,
                   const yolo::ImageResult& result) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, result.classes.size()); ++i) {
    const yolo::ClassScore& entry = result.classes[i];
    table += fmt::format("  {:<20} {:>5.2f}\n",
                         EscapeForTerminal(ClassName(spec, entry.class_index)), entry.score);
  }
}

}  // namespace

std::string ClassName(const yolo::ModelSpec& spec, int class_index) {
  const auto index = static_cast<std::size_t>(class_index);
  if (class_index < 0 || index >= spec.class_names.size() || spec.class_names[index].empty()) {
    return fmt::format("class {}", class_index);
  }
  return spec.class_names[index];
}

std::string ResultTable(const std::string& path, const yolo::ModelSpec& spec,
                        const yolo::ImageResult& result, const worker::StepTimes& times) {
  const std::size_t count = result.detections.size();
  const std::string found = spec.task == yolo::Task::kClassify ? "classified"
                            : count == 0                       ? "nothing found"
                            : count == 1                       ? "1 detection"
                                         : fmt::format("{} detections", count);
  std::string table =
      fmt::format("{}  {}x{}  {}  {:.1f} ms\n", EscapeForTerminal(path), result.image_width,
                  result.image_height, found, Milliseconds(Total(times)));
  AppendDetections(table, spec, result);
  AppendClasses(table, spec, result);
  return table;
}

json ResultJson(const std::string& path, const yolo::ModelSpec& spec,
                const yolo::ImageResult& result, const worker::StepTimes& times) {
  json entry{{"path", path},
             {"width", result.image_width},
             {"height", result.image_height},
             {"times_ms",
              {{"decode", Milliseconds(times.decode)},
               {"letterbox", Milliseconds(times.letterbox)},
               {"infer", Milliseconds(times.infer)},
               {"heads", Milliseconds(times.heads)}}}};
  if (spec.task == yolo::Task::kClassify) {
    entry["classes"] = json::array();
    for (const yolo::ClassScore& score : result.classes) {
      entry["classes"].push_back({{"class", score.class_index},
                                  {"name", ClassName(spec, score.class_index)},
                                  {"score", Score(score.score)}});
    }
    return entry;
  }
  entry["detections"] = json::array();
  for (const yolo::Detection& detection : result.detections) {
    entry["detections"].push_back(
        DetectionJson(spec, detection, result.image_width, result.image_height));
  }
  return entry;
}

json ModelJson(const std::string& path, const yolo::ModelSpec& spec) {
  return {{"path", path},
          {"family", spec.family},
          {"task", yolo::TaskName(spec.task)},
          {"head", yolo::HeadLayoutName(spec.head)},
          {"classes", spec.class_names}};
}

json CompartmentJson(const isolation::LayerSet& layers) {
  json reached = json::array();
  json missing = json::array();
  for (const isolation::Layer layer : isolation::LayerSet::All().List()) {
    (layers.Has(layer) ? reached : missing).push_back(isolation::LayerName(layer));
  }
  return {{"sandbox", !layers.empty()}, {"layers", reached}, {"missing", missing}};
}

}  // namespace bulkhead::cli
