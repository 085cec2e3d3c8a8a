// SPDX-License-Identifier: Apache-2.0
#include "channel/mask_codec.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

constexpr int kRunBytesMax = 5;  // kImageSideMax squared has 32 bits

void WriteRun(std::size_t length, base::ByteWriter& writer) {
  while (length >= 0x80) {
    writer.Write<uint8_t>(static_cast<uint8_t>(0x80U | (length & 0x7FU)));
    length >>= 7U;
  }
  writer.Write<uint8_t>(static_cast<uint8_t>(length));
}

// 0 with a failed reader, or the zero that was written.
std::size_t ReadRun(base::ByteReader& reader) {
  uint64_t length = 0;
  for (int i = 0; i < kRunBytesMax; ++i) {
    const auto byte = reader.Read<uint8_t>();
    length |= static_cast<uint64_t>(byte & 0x7FU) << (7 * static_cast<unsigned>(i));
    if ((byte & 0x80U) != 0) continue;
    if (byte == 0 && i > 0) reader.Fail();  // more bytes than needed
    return reader.ok() ? length : 0;
  }
  reader.Fail();
  return 0;
}

// Length of the run of equal pixels at the start.
std::size_t RunAt(std::span<const uint8_t> pixels) {
  const void* other = std::memchr(pixels.data(), pixels.front() == 0 ? 1 : 0, pixels.size());
  if (other == nullptr) return pixels.size();
  return static_cast<std::size_t>(static_cast<const uint8_t*>(other) - pixels.data());
}

int ReadSide(base::ByteReader& reader) {
  const auto side = reader.Read<uint32_t>();
  if (side > static_cast<uint32_t>(kImageSideMax)) reader.Fail();
  return reader.ok() ? static_cast<int>(side) : 0;
}

}  // namespace

bool WriteMask(const yolo::Mask& mask, std::size_t bytes_max, base::ByteWriter& writer) {
  for (const int number : {mask.x, mask.y, mask.width, mask.height}) {
    writer.Write<uint32_t>(static_cast<uint32_t>(number));
  }
  std::span<const uint8_t> pixels(mask.bits);
  if (!pixels.empty() && pixels.front() != 0) WriteRun(0, writer);
  while (!pixels.empty() && writer.size() <= bytes_max) {
    const std::size_t length = RunAt(pixels);
    WriteRun(length, writer);
    pixels = pixels.subspan(length);
  }
  return writer.size() <= bytes_max;
}

yolo::Mask ReadMaskFrame(base::ByteReader& reader) {
  yolo::Mask mask;
  mask.x = ReadSide(reader);
  mask.y = ReadSide(reader);
  mask.width = ReadSide(reader);
  mask.height = ReadSide(reader);
  return mask;
}

void ReadMaskRuns(yolo::Mask& mask, base::ByteReader& reader) {
  const std::size_t pixels =
      static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height);
  mask.bits.assign(pixels, 0);
  std::size_t at = 0;
  bool object = false;
  while (at < pixels) {
    const std::size_t length = ReadRun(reader);
    const bool allowed = length > 0 || (at == 0 && !object);
    if (!reader.ok() || !allowed || length > pixels - at) return reader.Fail();
    if (object) std::fill_n(mask.bits.begin() + static_cast<std::ptrdiff_t>(at), length, 1);
    at += length;
    object = !object;
  }
}

}  // namespace bulkhead::channel
