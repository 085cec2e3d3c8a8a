// SPDX-License-Identifier: Apache-2.0
#include "gateway/detect_tensors.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace bulkhead::gateway {
namespace {

using base::ElementType;
using openinference::Tensor;

constexpr int kKeypointValues = 3;
constexpr std::size_t kElementLengthBytes = 4;

base::Error Bad(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

// Values one by one into a tensor of their type.
template <typename Value>
class TensorOf {
 public:
  void Add(Value value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  Tensor Take(std::string name, ElementType type, std::vector<int64_t> dims) {
    Tensor tensor;
    tensor.name = std::move(name);
    tensor.type = type;
    tensor.dims = std::move(dims);
    tensor.bytes = openinference::TensorBytes(std::move(bytes_));
    return tensor;
  }

 private:
  std::vector<std::byte> bytes_;
};

Tensor Boxes(const std::vector<yolo::Detection>& detections) {
  TensorOf<float> values;
  for (const yolo::Detection& detection : detections) {
    for (const float value :
         {detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2}) {
      values.Add(value);
    }
  }
  return values.Take("boxes", ElementType::kFloat32, {std::ssize(detections), 4});
}

Tensor Rotated(const std::vector<yolo::Detection>& detections) {
  TensorOf<float> values;
  for (const yolo::Detection& detection : detections) {
    const yolo::RotatedBox box = detection.rotated.value_or(yolo::RotatedBox{});
    for (const float value : {box.cx, box.cy, box.width, box.height, box.angle}) values.Add(value);
  }
  return values.Take("rotated", ElementType::kFloat32, {std::ssize(detections), 5});
}

Tensor Keypoints(const std::vector<yolo::Detection>& detections, int count) {
  TensorOf<float> values;
  for (const yolo::Detection& detection : detections) {
    for (const yolo::Keypoint& point : detection.keypoints) {
      for (const float value : {point.x, point.y, point.visibility}) values.Add(value);
    }
  }
  return values.Take("keypoints", ElementType::kFloat32,
                     {std::ssize(detections), count, kKeypointValues});
}

// Detections and class scores have the same two fields.
template <typename Scored>
std::array<Tensor, 2> ScoresAndClasses(const std::vector<Scored>& results) {
  TensorOf<float> scores;
  TensorOf<int32_t> classes;
  for (const Scored& result : results) {
    scores.Add(result.score);
    classes.Add(result.class_index);
  }
  return {scores.Take("scores", ElementType::kFloat32, {std::ssize(results)}),
          classes.Take("classes", ElementType::kInt32, {std::ssize(results)})};
}

std::vector<Tensor> AllOutputs(const yolo::ModelSpec& spec, const yolo::ImageResult& result) {
  std::vector<Tensor> outputs;
  const bool classify = spec.task == yolo::Task::kClassify;
  if (!classify) outputs.push_back(Boxes(result.detections));
  auto [scores, classes] =
      classify ? ScoresAndClasses(result.classes) : ScoresAndClasses(result.detections);
  outputs.push_back(std::move(scores));
  outputs.push_back(std::move(classes));
  if (spec.task == yolo::Task::kPose) {
    outputs.push_back(Keypoints(result.detections, spec.keypoints.count));
  }
  if (spec.task == yolo::Task::kObb) outputs.push_back(Rotated(result.detections));
  return outputs;
}

}  // namespace

std::vector<openinference::TensorMetadata> DetectInputs() {
  return {{"image", ElementType::kString, {1}}};
}

std::vector<openinference::TensorMetadata> DetectOutputs(const yolo::ModelSpec& spec) {
  std::vector<openinference::TensorMetadata> outputs;
  if (spec.task != yolo::Task::kClassify)
    outputs.push_back({"boxes", ElementType::kFloat32, {-1, 4}});
  outputs.push_back({"scores", ElementType::kFloat32, {-1}});
  outputs.push_back({"classes", ElementType::kInt32, {-1}});
  if (spec.task == yolo::Task::kPose) {
    outputs.push_back(
        {"keypoints", ElementType::kFloat32, {-1, spec.keypoints.count, kKeypointValues}});
  }
  if (spec.task == yolo::Task::kObb) {
    outputs.push_back({"rotated", ElementType::kFloat32, {-1, 5}});
  }
  return outputs;
}

base::Result<std::span<const std::byte>> PictureOf(const openinference::InferRequest& request) {
  if (request.inputs.size() != 1 || request.inputs.front().name != "image") {
    return Bad("the model has one input, 'image'");
  }
  const Tensor& tensor = request.inputs.front();
  if (tensor.type != ElementType::kString || tensor.dims != std::vector<int64_t>{1}) {
    return Bad("input 'image' must be BYTES of shape [1]: one encoded picture");
  }
  uint32_t length = 0;
  const std::span<const std::byte> bytes = tensor.bytes.view();
  if (bytes.size() < kElementLengthBytes) return Bad("input 'image' has no element");
  std::memcpy(&length, bytes.data(), kElementLengthBytes);
  const auto picture = bytes.subspan(kElementLengthBytes);
  if (length != picture.size()) return Bad("input 'image' must hold exactly one element");
  return picture;
}

base::Result<openinference::InferResponse> DetectResponse(
    const openinference::InferRequest& request, const yolo::ModelSpec& spec,
    const yolo::ImageResult& result) {
  openinference::InferResponse response;
  response.outputs = AllOutputs(spec, result);
  if (request.outputs.empty()) return response;
  std::vector<Tensor> wanted;
  for (const openinference::RequestedOutput& output : request.outputs) {
    const auto found = std::ranges::find(response.outputs, output.name, &Tensor::name);
    if (found == response.outputs.end()) {
      return Bad("an output that was asked for is not there, or is asked for twice");
    }
    wanted.push_back(std::move(*found));
    response.outputs.erase(found);
  }
  response.outputs = std::move(wanted);
  return response;
}

}  // namespace bulkhead::gateway
