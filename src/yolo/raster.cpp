// SPDX-License-Identifier: Apache-2.0
#include "yolo/raster.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace bulkhead::yolo {
namespace {

using image::Image;

bool IsFinite(Point point) { return std::isfinite(point.x) && std::isfinite(point.y); }

uint8_t* PixelAt(int64_t x, int64_t y, Image& picture) {
  return picture.row(static_cast<int>(y)) + static_cast<std::size_t>(x) * Image::kChannels;
}

// `opacity` from 0 (nothing happens) to 1.
void Blend(Color color, double opacity, uint8_t* pixel) {
  const uint8_t goal[Image::kChannels] = {color.red, color.green, color.blue};
  for (std::size_t c = 0; c < Image::kChannels; ++c) {
    pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + (goal[c] - pixel[c]) * opacity));
  }
}

PixelRect ClipToPicture(const PixelRect& rect, const Image& picture) {
  const int64_t width = picture.width();
  const int64_t height = picture.height();
  return {std::clamp<int64_t>(rect.left, 0, width), std::clamp<int64_t>(rect.top, 0, height),
          std::clamp<int64_t>(rect.right, 0, width), std::clamp<int64_t>(rect.bottom, 0, height)};
}

// Cuts off what has `axis` below low or above high. The cut end gets the limit itself, so that the
// position of an end far away is not lost to rounding. False when nothing is left.
bool ClipAxis(double Point::* axis, double Point::* other, double low, double high, Point& from,
              Point& to) {
  if (std::max(from.*axis, to.*axis) < low || std::min(from.*axis, to.*axis) > high) return false;
  const Point start = from;
  const double length = to.*axis - from.*axis;
  for (Point* end : {&from, &to}) {
    const double limit = std::clamp(end->*axis, low, high);
    if (limit == end->*axis) continue;
    end->*other = start.*other + (to.*other - start.*other) * ((limit - start.*axis) / length);
    end->*axis = limit;
  }
  return true;
}

// The part of a line inside the picture and `margin` around it, so that pixels are visited only
// where there are any.
bool ClipLine(double margin, const Image& picture, Point& from, Point& to) {
  return ClipAxis(&Point::x, &Point::y, -margin, picture.width() + margin, from, to) &&
         ClipAxis(&Point::y, &Point::x, -margin, picture.height() + margin, from, to);
}

double DistanceToLine(Point point, Point from, Point to) {
  const Point step{to.x - from.x, to.y - from.y};
  const double square = step.x * step.x + step.y * step.y;
  const double along =
      square > 0 ? ((point.x - from.x) * step.x + (point.y - from.y) * step.y) / square : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(point.x - (from.x + step.x * t), point.y - (from.y + step.y * t));
}

// The pixels of one row that a line of this reach can touch.
PixelRect TouchedInRow(int64_t y, Point from, Point to, double reach) {
  double low = std::min(from.x, to.x);
  double high = std::max(from.x, to.x);
  const double rise = to.y - from.y;
  if (std::abs(rise) > 1) {  // else the row sees all of it
    const double middle = static_cast<double>(y) + 0.5;
    const auto x_at = [&](double t) { return from.x + (to.x - from.x) * std::clamp(t, 0.0, 1.0); };
    const double a = x_at((middle - reach - from.y) / rise);
    const double b = x_at((middle + reach - from.y) / rise);
    low = std::min(a, b);
    high = std::max(a, b);
  }
  return {SnapToPixel(std::floor(low - reach)), y, SnapToPixel(std::ceil(high + reach)), y + 1};
}

}  // namespace

int64_t SnapToPixel(double coordinate) {
  constexpr double kFar = 1e9;
  if (std::isnan(coordinate)) return 0;
  return std::llround(std::clamp(coordinate, -kFar, kFar));
}

void FillRect(const PixelRect& rect, Color color, Image& picture) {
  const PixelRect inside = ClipToPicture(rect, picture);
  for (int64_t y = inside.top; y < inside.bottom; ++y) {
    for (int64_t x = inside.left; x < inside.right; ++x) {
      uint8_t* pixel = PixelAt(x, y, picture);
      pixel[0] = color.red;
      pixel[1] = color.green;
      pixel[2] = color.blue;
    }
  }
}

void DrawLine(Point from, Point to, double thickness, Color color, Image& picture) {
  if (!IsFinite(from) || !IsFinite(to)) return;
  const double reach = thickness / 2 + 0.5;  // where the smooth edge ends
  if (!ClipLine(2 * reach, picture, from, to)) return;
  const int64_t first = SnapToPixel(std::floor(std::min(from.y, to.y) - reach));
  const int64_t last = SnapToPixel(std::ceil(std::max(from.y, to.y) + reach));
  const int64_t bottom = std::min<int64_t>(last, picture.height());
  for (int64_t y = std::max<int64_t>(first, 0); y < bottom; ++y) {
    const PixelRect touched = ClipToPicture(TouchedInRow(y, from, to, reach), picture);
    for (int64_t x = touched.left; x < touched.right; ++x) {
      const Point middle{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5};
      const double opacity = std::clamp(reach - DistanceToLine(middle, from, to), 0.0, 1.0);
      if (opacity > 0) Blend(color, opacity, PixelAt(x, y, picture));
    }
  }
}

void FillDisc(Point center, double radius, Color color, Image& picture) {
  DrawLine(center, center, 2 * radius, color, picture);
}

void TintMask(const Mask& mask, Color color, Image& picture) {
  if (mask.width <= 0 || mask.height <= 0) return;
  const auto width = static_cast<std::size_t>(mask.width);
  if (mask.bits.size() / width < static_cast<std::size_t>(mask.height)) return;
  const PixelRect inside = ClipToPicture(
      {mask.x, mask.y, int64_t{mask.x} + mask.width, int64_t{mask.y} + mask.height}, picture);
  for (int64_t y = inside.top; y < inside.bottom; ++y) {
    const uint8_t* bits = mask.bits.data() + static_cast<std::size_t>(y - mask.y) * width;
    for (int64_t x = inside.left; x < inside.right; ++x) {
      if (bits[x - mask.x] != 0) Blend(color, 0.5, PixelAt(x, y, picture));
    }
  }
}

}  // namespace bulkhead::yolo
