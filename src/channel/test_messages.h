// SPDX-License-Identifier: Apache-2.0
// Messages that a well-behaved worker says, for tests to bend.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/messages.h"

namespace bulkhead::channel {

using Bytes = std::vector<std::byte>;

inline Bytes BytesOf(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline Bytes operator+(Bytes left, std::span<const std::byte> right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Two classes, a picture at a time.
inline Hello HelloOf(yolo::Task task) {
  Hello hello;
  hello.engine = "ONNX Runtime 1.30";
  hello.batch_max = 4;
  hello.frames_in_flight_max = 3;
  hello.spec.family = "YOLO11";
  hello.spec.size = "n";
  hello.spec.task = task;
  hello.spec.class_names = {"bolt", "nut"};
  hello.spec.input = {.name = "images", .batch = 1, .height = 640, .width = {}};
  hello.inputs = {{"images", base::ElementType::kFloat32, {1, 3, 640, -1}}};
  hello.outputs = {{"output0", base::ElementType::kFloat32, {1, 6, -1}},
                   {"output1", base::ElementType::kFloat16, {}}};
  if (task == yolo::Task::kClassify) hello.spec.head = yolo::HeadLayout::kClassScores;
  if (task == yolo::Task::kPose) hello.spec.keypoints = {.count = 2, .dims = 3};
  if (task == yolo::Task::kSegment) hello.spec.mask_coefficients = 32;
  return hello;
}

inline yolo::Detection DetectionOf(yolo::Task task) {
  yolo::Detection detection;
  detection.class_index = 1;
  detection.score = 0.75F;
  detection.box = {.x1 = 10, .y1 = 20, .x2 = 30, .y2 = 40.5F};
  if (task == yolo::Task::kObb) {
    detection.rotated = {.cx = 20, .cy = 30, .width = 20, .height = 5, .angle = 0.5F};
  }
  if (task == yolo::Task::kPose) {
    detection.keypoints = {{.x = 11, .y = 21, .visibility = 0.5F}, {.x = 12, .y = 22}};
  }
  if (task == yolo::Task::kSegment) {
    detection.mask = {.x = 10, .y = 20, .width = 3, .height = 2, .bits = {0, 1, 1, 1, 1, 0}};
  }
  return detection;
}

// Two results in a picture of 100 x 50.
inline DetectReply ReplyOf(yolo::Task task, RequestId id) {
  using std::chrono::nanoseconds;
  DetectReply reply;
  reply.id = id;
  reply.times = {.queue = nanoseconds(1),
                 .decode = nanoseconds(2),
                 .letterbox = nanoseconds(3),
                 .infer = nanoseconds(4),
                 .heads = nanoseconds(5),
                 .batch = 2};
  reply.result.image_width = 100;
  reply.result.image_height = 50;
  if (task == yolo::Task::kClassify) {
    reply.result.classes = {{.class_index = 1, .score = 0.9F}, {.class_index = 0, .score = 0.1F}};
  } else {
    reply.result.detections = {DetectionOf(task), DetectionOf(task)};
  }
  return reply;
}

inline constexpr std::array kEveryTask{yolo::Task::kDetect, yolo::Task::kSegment, yolo::Task::kPose,
                                       yolo::Task::kObb, yolo::Task::kClassify};

// Gives bytes to a session in pieces, and the events of all of them.
template <typename Session>
auto Feed(Session& session, std::span<const std::byte> bytes, std::size_t piece = SIZE_MAX) {
  auto all = session.Received(0);
  while (all.ok() && !bytes.empty()) {
    const std::span<std::byte> buffer = session.ReceiveBuffer();
    const std::size_t count = std::min({piece, buffer.size(), bytes.size()});
    std::ranges::copy(bytes.first(count), buffer.begin());
    bytes = bytes.subspan(count);
    auto events = session.Received(count);
    if (!events.ok()) return events;
    for (auto& event : events.value()) all.value().push_back(std::move(event));
  }
  return all;
}

}  // namespace bulkhead::channel
