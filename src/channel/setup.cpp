// SPDX-License-Identifier: Apache-2.0
#include "channel/setup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "channel/class_names.h"
#include "channel/limits.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {
namespace {

constexpr uint32_t kMagic = 0x55534842;  // "BHSU"
constexpr uint32_t kVersion = 1;
constexpr std::size_t kProviderBytesMax = 32;

bool Within(int64_t value, int64_t min, int64_t max) { return value >= min && value <= max; }
bool Within(std::optional<int> value, int max) { return !value || Within(*value, 1, max); }

base::Status Require(bool condition, std::string_view field) {
  if (condition) return base::Ok();
  return base::PublicError(base::Code::kInvalid,
                           "the worker's " + std::string(field) + " is out of its range");
}

base::Status CheckOverrides(const yolo::SpecOverrides& overrides) {
  BH_TRY(Require(FitsLimits(overrides.class_names), "list of class names"));
  BH_TRY(Require(Within(overrides.stride, kStrideMax), "stride"));
  BH_TRY(Require(Within(overrides.image_height, kInputSideMax), "image height"));
  return Require(Within(overrides.image_width, kInputSideMax), "image width");
}

base::Status CheckSetup(const Setup& setup) {
  BH_TRY(
      Require(!setup.provider.empty() && setup.provider.size() <= kProviderBytesMax &&
                  std::ranges::all_of(setup.provider, [](char c) { return c >= 'a' && c <= 'z'; }),
              "provider"));
  BH_TRY(Require(Within(setup.threads, 1, kThreadsMax), "number of threads"));
  BH_TRY(Require(Within(setup.device_index, 0, kDevicesMax - 1), "device index"));
  BH_TRY(Require(Within(setup.picture_pixels_max, 1, kPicturePixelsMax), "picture size"));
  BH_TRY(Require(Within(setup.batch_max, 1, kBatchMax), "largest batch"));
  BH_TRY(Require(setup.batch_wait.count() >= 0 && setup.batch_wait <= kBatchWaitMax, "batch wait"));
  BH_TRY(Require(Within(setup.frames_in_flight_max, 1, kFramesInFlightMax), "frames in flight"));
  return CheckOverrides(setup.overrides);
}

void WriteOverrides(const yolo::SpecOverrides& overrides, base::ByteWriter& writer) {
  writer.Write<uint8_t>(overrides.task ? WireOf(*overrides.task) : 0);
  writer.Write<uint8_t>(overrides.head ? WireOf(*overrides.head) : 0);
  writer.WriteZeros(2);
  for (const auto& number : {overrides.stride, overrides.image_height, overrides.image_width}) {
    writer.Write<int32_t>(number.value_or(0));
  }
  WriteClassNames(overrides.class_names, writer);
}

std::optional<int> ReadOptional(base::ByteReader& reader) {
  const auto value = reader.Read<int32_t>();
  return value == 0 ? std::nullopt : std::optional<int>(value);
}

yolo::SpecOverrides ReadOverrides(base::ByteReader& reader) {
  yolo::SpecOverrides overrides;
  const auto task = reader.Read<uint8_t>();
  const auto head = reader.Read<uint8_t>();
  overrides.task = TaskOfWire(task);
  overrides.head = HeadOfWire(head);
  if ((task != 0 && !overrides.task) || (head != 0 && !overrides.head)) reader.Fail();
  reader.ReadZeros(2);
  overrides.stride = ReadOptional(reader);
  overrides.image_height = ReadOptional(reader);
  overrides.image_width = ReadOptional(reader);
  overrides.class_names = ReadClassNames(reader);
  return overrides;
}

base::Error NotASetup(std::string_view why) {
  return base::OperatorError(base::Code::kCorrupt, "the worker's setup " + std::string(why));
}

}  // namespace

base::Result<std::vector<std::byte>> EncodeSetup(const Setup& setup) {
  BH_TRY(CheckSetup(setup));
  base::ByteWriter writer;
  writer.Write<uint32_t>(kMagic);
  writer.Write<uint32_t>(kVersion);
  writer.WriteFlag(setup.fp16);
  writer.WriteFlag(setup.int8);
  writer.WriteZeros(2);
  writer.Write<int32_t>(setup.threads);
  writer.Write<int32_t>(setup.device_index);
  writer.Write<int32_t>(setup.batch_max);
  writer.Write<int32_t>(setup.frames_in_flight_max);
  writer.Write<int64_t>(setup.batch_wait.count());
  writer.Write<int64_t>(setup.picture_pixels_max);
  writer.WriteText(setup.provider);
  WriteOverrides(setup.overrides, writer);
  return std::move(writer).Take();
}

base::Result<Setup> DecodeSetup(std::span<const std::byte> bytes) {
  if (bytes.size() > kSetupBytesMax) return NotASetup("is too long");
  base::ByteReader reader(bytes);
  if (reader.Read<uint32_t>() != kMagic) return NotASetup("has no magic number");
  if (reader.Read<uint32_t>() != kVersion) return NotASetup("is of another version");
  Setup setup;
  setup.fp16 = reader.ReadFlag();
  setup.int8 = reader.ReadFlag();
  reader.ReadZeros(2);
  setup.threads = reader.Read<int32_t>();
  setup.device_index = reader.Read<int32_t>();
  setup.batch_max = reader.Read<int32_t>();
  setup.frames_in_flight_max = reader.Read<int32_t>();
  setup.batch_wait = std::chrono::microseconds(reader.Read<int64_t>());
  setup.picture_pixels_max = reader.Read<int64_t>();
  setup.provider = reader.ReadText(kProviderBytesMax);
  setup.overrides = ReadOverrides(reader);
  if (!reader.finished()) return NotASetup("does not parse");
  if (const base::Status checked = CheckSetup(setup); !checked.ok()) {
    return NotASetup("does not hold: " + checked.error().detail);
  }
  return setup;
}

}  // namespace bulkhead::channel
