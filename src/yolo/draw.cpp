// SPDX-License-Identifier: Apache-2.0
#include "yolo/draw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <string_view>

#include <fmt/format.h>

#include "yolo/raster.h"
#include "yolo/text.h"

namespace bulkhead::yolo {
namespace {

using image::Image;

// Longer names come from broken metadata and would cover the picture.
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kClassesShown = 5;
// The confidence from which the exporter, too, shows a detection.
constexpr float kVisibilityMin = 0.25F;

// Sizes in pixels that suit a picture: about 2 and 18 for 640 x 480, 5 and 36 for 1920 x 1080.
struct Style {
  int line = 1;
  int text_scale = 1;
  int padding = 1;
};

Style StyleFor(const Image& picture) {
  const double side = (static_cast<double>(picture.width()) + picture.height()) / 2;
  Style style;
  style.line = std::max(1, static_cast<int>(std::lround(side * 0.003)));
  style.text_scale = 1 + static_cast<int>(side / 500);
  style.padding = 2 * style.text_scale;
  return style;
}

// Hues a golden section of the circle apart: neighbours in the list are far apart in colour.
Color ColorOf(int class_index) {
  constexpr double kGoldenSection = 0.618033988749895;
  constexpr double kPalest = 40;
  constexpr double kStrongest = 255;
  const double turns = class_index * kGoldenSection;
  const double hue = 6 * (turns - std::floor(turns));
  const auto channel = [&](double offset) {
    const double k = std::fmod(hue + offset, 6.0);
    const double strength = 1 - std::clamp(std::min(k, 4 - k), 0.0, 1.0);
    return static_cast<uint8_t>(std::lround(kPalest + (kStrongest - kPalest) * strength));
  };
  return {channel(5), channel(3), channel(1)};
}

// Black or white, by the background's luma (ITU-R BT.601).
Color ContrastTo(Color color) {
  const double luma = 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue;
  return luma > 140 ? Color{0, 0, 0} : Color{255, 255, 255};
}

std::string LabelOf(int class_index, float score, std::span<const std::string> names) {
  if (class_index >= 0 && static_cast<std::size_t>(class_index) < names.size()) {
    const std::string_view name = names[static_cast<std::size_t>(class_index)];
    return fmt::format("{} {:.2f}", name.substr(0, kNameBytesMax), score);
  }
  return fmt::format("{} {:.2f}", class_index, score);
}

// Text on a filled ground whose upper left corner is (left, top).
void DrawLabel(std::string_view text, int64_t left, int64_t top, Color color, const Style& style,
               Image& picture) {
  const int64_t width = TextWidth(text, style.text_scale) + 2 * style.padding;
  const int64_t height = TextHeight(style.text_scale) + 2 * style.padding;
  FillRect({left, top, left + width, top + height}, color, picture);
  DrawText(text, left + style.padding, top + style.padding, style.text_scale, ContrastTo(color),
           picture);
}

int64_t LabelHeight(const Style& style) {
  return TextHeight(style.text_scale) + 2 * int64_t{style.padding};
}

bool IsDrawable(const Box& box, const Image& picture) {
  // Written so that NaN is false.
  return std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) &&
         std::isfinite(box.y2) && box.x1 < static_cast<float>(picture.width()) && box.x2 > 0 &&
         box.y1 < static_cast<float>(picture.height()) && box.y2 > 0;
}

// The line lies half inside and half outside the box; its odd pixel is inside, so that a box as
// large as the picture is seen.
void DrawBox(const Box& box, Color color, int line, Image& picture) {
  const int64_t outside = line / 2;
  const PixelRect outer{SnapToPixel(box.x1) - outside, SnapToPixel(box.y1) - outside,
                        SnapToPixel(box.x2) + outside, SnapToPixel(box.y2) + outside};
  FillRect({outer.left, outer.top, outer.right, outer.top + line}, color, picture);
  FillRect({outer.left, outer.bottom - line, outer.right, outer.bottom}, color, picture);
  FillRect({outer.left, outer.top, outer.left + line, outer.bottom}, color, picture);
  FillRect({outer.right - line, outer.top, outer.right, outer.bottom}, color, picture);
}

void DrawRotated(const RotatedBox& box, Color color, int line, Image& picture) {
  const double cosine = std::cos(double{box.angle});
  const double sine = std::sin(double{box.angle});
  const auto corner = [&](double along, double across) {
    const double x = along * box.width / 2;
    const double y = across * box.height / 2;
    return Point{box.cx + x * cosine - y * sine, box.cy + x * sine + y * cosine};
  };
  const std::array corners = {corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    DrawLine(corners[i], corners[(i + 1) % corners.size()], line, color, picture);
  }
}

void DrawKeypoints(const Detection& detection, Color color, const Style& style, Image& picture) {
  const double radius = 1.5 * style.line + 0.5;
  for (const Keypoint& keypoint : detection.keypoints) {
    if (!(keypoint.visibility >= kVisibilityMin)) continue;
    const Point center{keypoint.x, keypoint.y};
    FillDisc(center, radius + std::max(1.0, style.line / 2.0), {255, 255, 255}, picture);
    FillDisc(center, radius, color, picture);
  }
}

// Above the box where there is room, otherwise inside at its top; never beyond a side.
void DrawBoxLabel(const Detection& detection, std::span<const std::string> names,
                  const Style& style, Image& picture) {
  if (!IsDrawable(detection.box, picture)) return;
  const std::string text = LabelOf(detection.class_index, detection.score, names);
  const int64_t outside = style.line / 2;
  const int64_t width = TextWidth(text, style.text_scale) + 2 * int64_t{style.padding};
  const int64_t left = std::min(SnapToPixel(detection.box.x1) - outside, picture.width() - width);
  const int64_t box_top = std::max<int64_t>(SnapToPixel(detection.box.y1) - outside, 0);
  const int64_t above = box_top - LabelHeight(style);
  DrawLabel(text, std::max<int64_t>(left, 0), above >= 0 ? above : box_top,
            ColorOf(detection.class_index), style, picture);
}

void DrawOutline(const Detection& detection, const Style& style, Image& picture) {
  const Color color = ColorOf(detection.class_index);
  if (detection.rotated) {
    DrawRotated(*detection.rotated, color, style.line, picture);
  } else if (IsDrawable(detection.box, picture)) {
    DrawBox(detection.box, color, style.line, picture);
  }
}

void DrawClasses(const ImageResult& result, std::span<const std::string> names, const Style& style,
                 Image& picture) {
  int64_t top = 0;
  for (const ClassScore& best : result.classes | std::views::take(kClassesShown)) {
    DrawLabel(LabelOf(best.class_index, best.score, names), 0, top, ColorOf(best.class_index),
              style, picture);
    top += LabelHeight(style);
  }
}

}  // namespace

void DrawResult(const ImageResult& result, std::span<const std::string> class_names,
                Image& picture) {
  if (picture.empty()) return;
  const Style style = StyleFor(picture);
  // From the least sure to the surest, so that the surest is on top; labels above all shapes.
  const auto rising = result.detections | std::views::reverse;
  for (const Detection& detection : rising) {
    if (detection.mask) TintMask(*detection.mask, ColorOf(detection.class_index), picture);
  }
  for (const Detection& detection : rising) {
    DrawOutline(detection, style, picture);
    DrawKeypoints(detection, ColorOf(detection.class_index), style, picture);
  }
  for (const Detection& detection : rising) {
    DrawBoxLabel(detection, class_names, style, picture);
  }
  DrawClasses(result, class_names, style, picture);
}

}  // namespace bulkhead::yolo
