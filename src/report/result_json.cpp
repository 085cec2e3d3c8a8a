// SPDX-License-Identifier: Apache-2.0
#include "report/result_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "report/class_name.h"
#include "report/run_lengths.h"

namespace bulkhead::report {
namespace {

using nlohmann::json;

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

}  // namespace

json ResultJson(const yolo::ModelSpec& spec, const yolo::ImageResult& result) {
  json entry{{"width", result.image_width}, {"height", result.image_height}};
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

}  // namespace bulkhead::report
