// SPDX-License-Identifier: Apache-2.0
#include "channel/hello_codec.h"

#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/utf8.h"
#include "channel/class_names.h"
#include "channel/graph_codec.h"
#include "channel/limits.h"
#include "channel/message_header.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {
namespace {

bool Within(int value, int max) { return value >= 1 && value <= max; }
bool Within(std::optional<int> value, int max) { return !value || Within(*value, max); }
bool IsName(const std::string& text) { return text.size() <= kNameBytesMax && base::IsUtf8(text); }

base::Status Require(bool condition, std::string_view field) {
  if (condition) return base::Ok();
  return base::PublicError(base::Code::kInvalid,
                           "the model's " + std::string(field) + " is out of its range");
}

bool IsInputType(base::ElementType type) {
  return type == base::ElementType::kFloat32 || type == base::ElementType::kFloat16;
}

base::Status CheckTaskParts(const yolo::ModelSpec& spec) {
  const bool pose = spec.task == yolo::Task::kPose;
  const yolo::KeypointShape& keypoints = spec.keypoints;
  BH_TRY(Require(pose ? Within(keypoints.count, kKeypointsMax) && Within(keypoints.dims - 1, 2)
                      : keypoints.count == 0 && keypoints.dims == 0,
                 "keypoint shape"));
  BH_TRY(Require(spec.task == yolo::Task::kSegment
                     ? Within(spec.mask_coefficients, kMaskCoefficientsMax)
                     : spec.mask_coefficients == 0,
                 "number of mask coefficients"));
  return Require(
      (spec.task == yolo::Task::kClassify) == (spec.head == yolo::HeadLayout::kClassScores),
      "head layout");
}

base::Status CheckSpec(const yolo::ModelSpec& spec) {
  BH_TRY(Require(IsName(spec.family), "family"));
  BH_TRY(Require(IsName(spec.size), "size"));
  BH_TRY(Require(!spec.class_names.empty() && FitsLimits(spec.class_names), "list of class names"));
  BH_TRY(Require(Within(spec.stride, kStrideMax), "stride"));
  BH_TRY(Require(Within(spec.default_height, kInputSideMax), "default height"));
  BH_TRY(Require(Within(spec.default_width, kInputSideMax), "default width"));
  BH_TRY(Require(IsName(spec.input.name), "input name"));
  BH_TRY(Require(IsInputType(spec.input.type), "input type"));
  BH_TRY(Require(Within(spec.input.batch, kBatchMax), "batch"));
  BH_TRY(Require(Within(spec.input.height, kInputSideMax), "input height"));
  BH_TRY(Require(Within(spec.input.width, kInputSideMax), "input width"));
  return CheckTaskParts(spec);
}

void WriteNumber(int value, base::ByteWriter& writer) { writer.Write<int32_t>(value); }

// A dynamic size is 0.
void WriteNumber(std::optional<int> value, base::ByteWriter& writer) {
  writer.Write<int32_t>(value.value_or(0));
}

std::optional<int> ReadOptional(base::ByteReader& reader) {
  const auto value = reader.Read<int32_t>();
  return value == 0 ? std::nullopt : std::optional<int>(value);
}

void WriteSpec(const yolo::ModelSpec& spec, base::ByteWriter& writer) {
  writer.Write<uint8_t>(WireOf(spec.task));
  writer.Write<uint8_t>(WireOf(spec.head));
  writer.Write<uint8_t>(WireOf(spec.input.type));
  writer.WriteFlag(spec.imagenet_normalisation);
  writer.WriteFlag(spec.nms_in_graph);
  writer.WriteZeros(3);
  WriteNumber(spec.stride, writer);
  WriteNumber(spec.default_height, writer);
  WriteNumber(spec.default_width, writer);
  WriteNumber(spec.input.batch, writer);
  WriteNumber(spec.input.height, writer);
  WriteNumber(spec.input.width, writer);
  WriteNumber(spec.keypoints.count, writer);
  WriteNumber(spec.keypoints.dims, writer);
  WriteNumber(spec.mask_coefficients, writer);
  writer.WriteText(spec.family);
  writer.WriteText(spec.size);
  writer.WriteText(spec.input.name);
  WriteClassNames(spec.class_names, writer);
}

// Fails the reader where a number is not of its enumeration.
template <typename E>
E Known(std::optional<E> value, base::ByteReader& reader) {
  if (!value) reader.Fail();
  return value.value_or(E{});
}

yolo::ModelSpec ReadSpec(base::ByteReader& reader) {
  yolo::ModelSpec spec;
  spec.task = Known(TaskOfWire(reader.Read<uint8_t>()), reader);
  spec.head = Known(HeadOfWire(reader.Read<uint8_t>()), reader);
  spec.input.type = Known(ElementTypeOfWire(reader.Read<uint8_t>()), reader);
  spec.imagenet_normalisation = reader.ReadFlag();
  spec.nms_in_graph = reader.ReadFlag();
  reader.ReadZeros(3);
  spec.stride = reader.Read<int32_t>();
  spec.default_height = reader.Read<int32_t>();
  spec.default_width = reader.Read<int32_t>();
  spec.input.batch = ReadOptional(reader);
  spec.input.height = ReadOptional(reader);
  spec.input.width = ReadOptional(reader);
  spec.keypoints.count = reader.Read<int32_t>();
  spec.keypoints.dims = reader.Read<int32_t>();
  spec.mask_coefficients = reader.Read<int32_t>();
  spec.family = reader.ReadText(kNameBytesMax);
  spec.size = reader.ReadText(kNameBytesMax);
  spec.input.name = reader.ReadText(kNameBytesMax);
  spec.class_names = ReadClassNames(reader);
  return spec;
}

}  // namespace

base::Status CheckHello(const Hello& hello) {
  BH_TRY(CheckSpec(hello.spec));
  BH_TRY(Require(IsName(hello.engine), "engine name"));
  BH_TRY(Require(Within(hello.batch_max, kBatchMax), "largest batch"));
  BH_TRY(Require(Within(hello.frames_in_flight_max, kFramesInFlightMax), "frames in flight"));
  BH_TRY(Require(FitsLimits(hello.inputs), "list of inputs"));
  return Require(FitsLimits(hello.outputs), "list of outputs");
}

base::Result<std::vector<std::byte>> EncodeHello(const Hello& hello) {
  BH_TRY(CheckHello(hello));
  base::ByteWriter writer;
  WriteNumber(hello.batch_max, writer);
  WriteNumber(hello.frames_in_flight_max, writer);
  writer.WriteText(hello.engine);
  WriteSpec(hello.spec, writer);
  WriteTensorSpecs(hello.inputs, writer);
  WriteTensorSpecs(hello.outputs, writer);
  return std::move(writer).Take();
}

base::Result<Hello> DecodeHello(std::span<const std::byte> body) {
  base::ByteReader reader(body);
  Hello hello;
  hello.batch_max = reader.Read<int32_t>();
  hello.frames_in_flight_max = reader.Read<int32_t>();
  hello.engine = reader.ReadText(kNameBytesMax);
  hello.spec = ReadSpec(reader);
  hello.inputs = ReadTensorSpecs(reader);
  hello.outputs = ReadTensorSpecs(reader);
  if (!reader.finished()) return Breach("a Hello that does not parse");
  if (const base::Status checked = CheckHello(hello); !checked.ok()) {
    return Breach("a Hello of which " + checked.error().detail);
  }
  return hello;
}

}  // namespace bulkhead::channel
