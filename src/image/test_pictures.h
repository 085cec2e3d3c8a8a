// SPDX-License-Identifier: Apache-2.0
// For tests only: the pictures of tests/data/image and the pixels they must decode to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "image/image.h"

namespace bulkhead::image {

inline std::string ReadTestFile(const std::string& name) {
  std::ifstream file(std::filesystem::path(BULKHEAD_TEST_DATA) / "image" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Empty when there is no such picture.
inline std::vector<std::byte> ReadPicture(const std::string& name) {
  const std::string content = ReadTestFile(name);
  const auto* first = reinterpret_cast<const std::byte*>(content.data());
  return {first, first + content.size()};
}

// Width, height and RGB bytes, printable by GoogleTest.
struct Pixels {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;
  friend bool operator==(const Pixels&, const Pixels&) = default;
};

// What OpenCV decodes the picture to.
inline Pixels ReadExpected(const std::string& name) {
  const std::string content = ReadTestFile("expected/" + name + ".ppm");
  std::istringstream head(content);
  std::string magic;
  int maximum = 0;
  Pixels pixels;
  head >> magic >> pixels.width >> pixels.height >> maximum;
  const auto size = static_cast<std::size_t>(pixels.width) *
                    static_cast<std::size_t>(pixels.height) * Image::kChannels;
  const auto first = content.end() - static_cast<std::ptrdiff_t>(size);
  pixels.rgb.assign(first, content.end());
  return pixels;
}

inline Pixels PixelsOf(const Image& image) {
  return {image.width(), image.height(), {image.pixels().begin(), image.pixels().end()}};
}

}  // namespace bulkhead::image
