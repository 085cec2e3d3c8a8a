// SPDX-License-Identifier: Apache-2.0
// Decoded pixels as every other part of Bulkhead sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace bulkhead::image {

// An owned picture: uint8 [height, width, 3], RGB interleaved, rows without padding, upright (EXIF
// orientation already applied). Storage is kept when a smaller picture is stored into it, so that a
// loop over frames does not allocate. After the last pixel one more byte may be read, so that every
// pixel can be loaded as four. Moves only; what was moved from is empty.
class Image {
 public:
  static constexpr std::size_t kChannels = 3;

  Image() = default;
  Image(Image&& other) noexcept
      : width_(std::exchange(other.width_, 0)),
        height_(std::exchange(other.height_, 0)),
        capacity_bytes_(std::exchange(other.capacity_bytes_, 0)),
        pixels_(std::move(other.pixels_)) {}
  Image& operator=(Image&& other) noexcept {
    width_ = std::exchange(other.width_, 0);
    height_ = std::exchange(other.height_, 0);
    capacity_bytes_ = std::exchange(other.capacity_bytes_, 0);
    pixels_ = std::move(other.pixels_);
    return *this;
  }
  ~Image() = default;

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] bool empty() const { return width_ == 0 || height_ == 0; }
  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(width_) * kChannels;
  }
  [[nodiscard]] std::size_t size_bytes() const {
    return row_bytes() * static_cast<std::size_t>(height_);
  }

  [[nodiscard]] std::span<const uint8_t> pixels() const { return {pixels_.get(), size_bytes()}; }
  [[nodiscard]] std::span<uint8_t> pixels() { return {pixels_.get(), size_bytes()}; }
  [[nodiscard]] const uint8_t* row(int y) const {
    return pixels_.get() + static_cast<std::size_t>(y) * row_bytes();
  }
  [[nodiscard]] uint8_t* row(int y) {
    return pixels_.get() + static_cast<std::size_t>(y) * row_bytes();
  }

  // Makes this a width x height picture with undefined content. Both must be positive and their
  // product already checked against DecodeLimits by the caller.
  void Reshape(int width, int height);

 private:
  static constexpr std::size_t kSpareBytes = 1;

  int width_ = 0;
  int height_ = 0;
  std::size_t capacity_bytes_ = 0;
  std::unique_ptr<uint8_t[]> pixels_;
};

}  // namespace bulkhead::image
