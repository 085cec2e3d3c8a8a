// SPDX-License-Identifier: Apache-2.0
#include "channel/reply_rules.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "channel/limits.h"
#include "channel/message_header.h"

namespace bulkhead::channel {
namespace {

base::Status Require(bool condition, std::string_view breach) {
  if (condition) return base::Ok();
  return Breach(breach);
}

bool IsWithin(float value, int side) { return value >= 0 && value <= static_cast<float>(side); }

bool AreFinite(std::initializer_list<float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

bool IsInside(const yolo::Box& box, const yolo::ImageResult& picture) {
  return IsWithin(box.x1, picture.image_width) && IsWithin(box.x2, picture.image_width) &&
         IsWithin(box.y1, picture.image_height) && IsWithin(box.y2, picture.image_height);
}

// Sides and corners are at most kImageSideMax each (ReadMaskFrame).
bool IsInside(const yolo::Mask& mask, const yolo::ImageResult& picture) {
  return mask.x + mask.width <= picture.image_width && mask.y + mask.height <= picture.image_height;
}

bool IsInside(const yolo::Keypoint& point, const yolo::ImageResult& picture) {
  return IsWithin(point.x, picture.image_width) && IsWithin(point.y, picture.image_height) &&
         std::isfinite(point.visibility);
}

base::Status CheckTimes(const FrameTimes& times, int batch_max) {
  for (const auto step : {times.queue, times.decode, times.letterbox, times.infer, times.heads}) {
    BH_TRY(Require(step.count() >= 0 && step <= kStepTimeMax, "a step time out of its range"));
  }
  return Require(times.batch >= 1 && times.batch <= batch_max, "a batch larger than the largest");
}

base::Status CheckPlace(const yolo::Detection& detection, const yolo::ImageResult& picture) {
  const yolo::Box& box = detection.box;
  if (detection.rotated) {
    const yolo::RotatedBox& rotated = *detection.rotated;
    return Require(AreFinite({box.x1, box.y1, box.x2, box.y2, rotated.cx, rotated.cy, rotated.width,
                              rotated.height, rotated.angle}),
                   "a box with a number that is not finite");
  }
  BH_TRY(Require(IsInside(box, picture), "a box outside the picture"));
  BH_TRY(
      Require(!detection.mask || IsInside(*detection.mask, picture), "a mask outside the picture"));
  return Require(std::ranges::all_of(detection.keypoints,
                                     [&](const auto& point) { return IsInside(point, picture); }),
                 "a keypoint outside the picture");
}

base::Status CheckDetections(const Hello& hello, const yolo::DetectOptions& options,
                             const yolo::ImageResult& result) {
  BH_TRY(Require(result.detections.size() <= static_cast<std::size_t>(options.detections_max),
                 "more detections than were asked for"));
  std::vector<int> asked = options.classes;
  std::ranges::sort(asked);
  float last_score = std::numeric_limits<float>::max();
  for (const yolo::Detection& detection : result.detections) {
    BH_TRY(Require(detection.class_index >= 0 && static_cast<std::size_t>(detection.class_index) <
                                                     hello.spec.class_names.size(),
                   "a class that the model does not have"));
    BH_TRY(Require(asked.empty() || std::ranges::binary_search(asked, detection.class_index),
                   "a class that was not asked for"));
    BH_TRY(Require(detection.score > options.confidence_min, "a score below the threshold"));
    BH_TRY(Require(detection.score <= last_score, "scores that rise or are not finite"));
    last_score = detection.score;
    BH_TRY(CheckPlace(detection, result));
  }
  return base::Ok();
}

base::Status CheckClassScores(const Hello& hello, const yolo::ImageResult& result) {
  const std::size_t classes = hello.spec.class_names.size();
  BH_TRY(Require(result.detections.empty(), "detections of a classification"));
  BH_TRY(Require(result.classes.size() == classes, "scores of other than every class"));
  std::vector<bool> seen(classes);
  float last_score = std::numeric_limits<float>::max();
  for (const yolo::ClassScore& score : result.classes) {
    const auto index = static_cast<std::size_t>(score.class_index);
    BH_TRY(Require(score.class_index >= 0 && index < classes && !seen[index],
                   "a class that the model does not have, or one twice"));
    seen[index] = true;
    BH_TRY(Require(std::isfinite(score.score) && score.score <= last_score,
                   "scores that rise or are not finite"));
    last_score = score.score;
  }
  return base::Ok();
}

}  // namespace

base::Status CheckReply(const Hello& hello, const yolo::DetectOptions& options,
                        const DetectReply& reply) {
  const yolo::ImageResult& result = reply.result;
  BH_TRY(Require(result.image_width >= 1 && result.image_width <= kImageSideMax &&
                     result.image_height >= 1 && result.image_height <= kImageSideMax,
                 "a picture without a size or beyond any"));
  BH_TRY(CheckTimes(reply.times, hello.batch_max));
  if (hello.spec.task == yolo::Task::kClassify) return CheckClassScores(hello, result);
  BH_TRY(Require(result.classes.empty(), "class scores of a detector"));
  return CheckDetections(hello, options, result);
}

}  // namespace bulkhead::channel
