// SPDX-License-Identifier: Apache-2.0
#include "cli/detect_report.h"

#include <algorithm>
#include <numbers>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"
#include "report/class_name.h"
#include "report/result_json.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::chrono::nanoseconds Total(const worker::StepTimes& times) {
  return times.decode + times.letterbox + times.infer + times.heads;
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
                         EscapeForTerminal(report::ClassName(spec, detection.class_index)),
                         detection.score, box.x1, box.x2, box.y1, box.y2, TaskColumns(detection));
  }
}

void AppendClasses(std::string& table, const yolo::ModelSpec& spec,
                   const yolo::ImageResult& result) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, result.classes.size()); ++i) {
    const yolo::ClassScore& entry = result.classes[i];
    table +=
        fmt::format("  {:<20} {:>5.2f}\n",
                    EscapeForTerminal(report::ClassName(spec, entry.class_index)), entry.score);
  }
}

}  // namespace

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
  json entry = report::ResultJson(spec, result);
  entry["path"] = path;
  entry["times_ms"] = {{"decode", Milliseconds(times.decode)},
                       {"letterbox", Milliseconds(times.letterbox)},
                       {"infer", Milliseconds(times.infer)},
                       {"heads", Milliseconds(times.heads)}};
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
