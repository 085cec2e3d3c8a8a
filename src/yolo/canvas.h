// SPDX-License-Identifier: Apache-2.0
// A rectangle of a planar picture that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::yolo {

// Three planes (R, G, B) of Sample (float, or uint16_t with the bits of a binary16 number). Element
// (channel, y, x) is data[channel * plane_stride + y * row_stride + x]; strides count elements.
template <typename Sample>
struct Canvas {
  Sample* data = nullptr;
  std::size_t plane_stride = 0;
  std::size_t row_stride = 0;
  int width = 0;
  int height = 0;

  [[nodiscard]] Sample* Row(std::size_t channel, int y) const {
    return data + channel * plane_stride + static_cast<std::size_t>(y) * row_stride;
  }

  // The same canvas seen from (x, y) on.
  [[nodiscard]] Canvas Window(int x, int y, int window_width, int window_height) const {
    return {.data = Row(0, y) + x,
            .plane_stride = plane_stride,
            .row_stride = row_stride,
            .width = window_width,
            .height = window_height};
  }
};

}  // namespace bulkhead::yolo
