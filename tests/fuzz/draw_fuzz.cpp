// SPDX-License-Identifier: Apache-2.0
// A result of any numbers is drawn without leaving the picture: AddressSanitizer and
// UndefinedBehaviorSanitizer watch. The bytes are read as a sequence of raw numbers.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "yolo/draw.h"

namespace {

namespace image = bulkhead::image;
namespace yolo = bulkhead::yolo;

struct Reader {
  const uint8_t* data;
  size_t left;

  template <typename T>
  T Take() {
    T value{};
    const size_t count = left < sizeof value ? left : sizeof value;
    std::memcpy(&value, data, count);
    data += count;
    left -= count;
    return value;
  }
};

yolo::Detection TakeDetection(Reader& reader) {
  yolo::Detection detection;
  detection.class_index = reader.Take<int>();
  detection.score = reader.Take<float>();
  detection.box = reader.Take<yolo::Box>();
  const auto parts = reader.Take<uint8_t>();
  if ((parts & 1U) != 0) detection.rotated = reader.Take<yolo::RotatedBox>();
  if ((parts & 2U) != 0) detection.keypoints.push_back(reader.Take<yolo::Keypoint>());
  if ((parts & 4U) != 0) {
    yolo::Mask mask;
    mask.x = reader.Take<int>();
    mask.y = reader.Take<int>();
    mask.width = reader.Take<int16_t>();
    mask.height = reader.Take<int>();
    mask.bits.assign(reader.Take<uint8_t>(), 1);
    detection.mask = mask;
  }
  return detection;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader reader{data, size};
  image::Image picture;
  const int width = 1 + reader.Take<uint8_t>();
  picture.Reshape(width, 1 + reader.Take<uint8_t>());
  for (uint8_t& value : picture.pixels()) value = 1;
  const std::vector<std::string> names = {
      std::string(reinterpret_cast<const char*>(reader.data), reader.left), "cat"};
  yolo::ImageResult result;
  while (reader.left > 0 && result.detections.size() < 4) {
    result.detections.push_back(TakeDetection(reader));
  }
  if (reader.left > 0) result.classes.push_back(reader.Take<yolo::ClassScore>());
  yolo::DrawResult(result, names, picture);
  return 0;
}
