// SPDX-License-Identifier: Apache-2.0
// Shapes on a picture. Coordinates are those of detection.h: continuous, the pixel (0, 0) reaches
// from 0 to 1. Everything is clipped to the picture; what is not finite is not drawn.
#pragma once

#include <cstdint>

#include "image/image.h"
#include "yolo/detection.h"

namespace bulkhead::yolo {

struct Color {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
  friend bool operator==(Color, Color) = default;
};

struct Point {
  double x = 0;
  double y = 0;
};

// Whole pixels: left and top belong to it, right and bottom do not.
struct PixelRect {
  int64_t left = 0;
  int64_t top = 0;
  int64_t right = 0;
  int64_t bottom = 0;
};

// The nearest whole number, held so close to zero that sums of a few never overflow. NaN gives 0.
int64_t SnapToPixel(double coordinate);

void FillRect(const PixelRect& rect, Color color, image::Image& picture);

// A straight line with round ends and smooth edges.
void DrawLine(Point from, Point to, double thickness, Color color, image::Image& picture);

// A disc with a smooth edge.
void FillDisc(Point center, double radius, Color color, image::Image& picture);

// Mixes the colour half and half into the pixels of the mask. A mask with fewer bits than its sides
// say is not drawn.
void TintMask(const Mask& mask, Color color, image::Image& picture);

}  // namespace bulkhead::yolo
