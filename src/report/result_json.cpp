// SPDX-License-Identifier: Apache-2.0
#include "report/result_json.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/class_name.h"
#include "report/run_lengths.h"

namespace bulkhead::report {
namespace {

using base::JsonWriter;

// A float as the shortest decimal that keeps `digits` places; a float printed as a double would
// show its binary tail.
double Rounded(float value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(static_cast<double>(value) * scale) / scale;
}

// A thousandth of a pixel is below anything a network resolves.
double Pixels(float value) { return Rounded(value, 3); }
double Score(float value) { return Rounded(value, 6); }

void Write(std::string_view key, double value, JsonWriter& json) {
  json.Key(key);
  json.Real(value);
}

void WriteBox(const yolo::Box& box, JsonWriter& json) {
  json.Key("box");
  json.BeginObject();
  Write("x1", Pixels(box.x1), json);
  Write("y1", Pixels(box.y1), json);
  Write("x2", Pixels(box.x2), json);
  Write("y2", Pixels(box.y2), json);
  json.EndObject();
}

void WriteRotated(const yolo::RotatedBox& box, JsonWriter& json) {
  json.Key("rotated");
  json.BeginObject();
  Write("cx", Pixels(box.cx), json);
  Write("cy", Pixels(box.cy), json);
  Write("width", Pixels(box.width), json);
  Write("height", Pixels(box.height), json);
  Write("angle", Score(box.angle), json);
  json.EndObject();
}

void WriteMask(const yolo::Mask& mask, const yolo::ImageResult& result, JsonWriter& json) {
  json.Key("mask");
  json.BeginObject();
  json.Key("size");
  json.BeginArray();
  json.Signed(result.image_height);
  json.Signed(result.image_width);
  json.EndArray();
  json.Key("counts");
  json.BeginArray();
  for (const int64_t count : RunLengths(mask, result.image_width, result.image_height)) {
    json.Signed(count);
  }
  json.EndArray();
  json.EndObject();
}

void WriteKeypoints(const std::vector<yolo::Keypoint>& points, JsonWriter& json) {
  if (points.empty()) return;
  json.Key("keypoints");
  json.BeginArray();
  for (const yolo::Keypoint& point : points) {
    json.BeginObject();
    Write("x", Pixels(point.x), json);
    Write("y", Pixels(point.y), json);
    Write("visibility", Score(point.visibility), json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteClass(const yolo::ModelSpec& spec, int class_index, float score, JsonWriter& json) {
  json.Key("class");
  json.Signed(class_index);
  json.Key("name");
  json.Text(ClassName(spec, class_index));
  Write("score", Score(score), json);
}

void WriteClasses(const yolo::ModelSpec& spec, const yolo::ImageResult& result, JsonWriter& json) {
  json.Key("classes");
  json.BeginArray();
  for (const yolo::ClassScore& score : result.classes) {
    json.BeginObject();
    WriteClass(spec, score.class_index, score.score, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteDetections(const yolo::ModelSpec& spec, const yolo::ImageResult& result,
                     JsonWriter& json) {
  json.Key("detections");
  json.BeginArray();
  for (const yolo::Detection& detection : result.detections) {
    json.BeginObject();
    WriteClass(spec, detection.class_index, detection.score, json);
    WriteBox(detection.box, json);
    if (detection.rotated) WriteRotated(*detection.rotated, json);
    if (detection.mask) WriteMask(*detection.mask, result, json);
    WriteKeypoints(detection.keypoints, json);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteResult(const yolo::ModelSpec& spec, const yolo::ImageResult& result, JsonWriter& json) {
  json.Key("width");
  json.Signed(result.image_width);
  json.Key("height");
  json.Signed(result.image_height);
  if (spec.task == yolo::Task::kClassify) return WriteClasses(spec, result, json);
  WriteDetections(spec, result, json);
}

nlohmann::json ResultJson(const yolo::ModelSpec& spec, const yolo::ImageResult& result) {
  JsonWriter writer;
  writer.BeginObject();
  WriteResult(spec, result, writer);
  writer.EndObject();
  const std::vector<std::byte> text = std::move(writer).Take();
  const auto* begin = reinterpret_cast<const char*>(text.data());
  return nlohmann::json::parse(begin, begin + text.size());
}

}  // namespace bulkhead::report
