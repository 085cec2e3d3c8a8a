// SPDX-License-Identifier: Apache-2.0
#include "oracle/letterbox_oracle.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

namespace bulkhead::oracle {
namespace {

int RoundHalfEven(double value) {
  const double below = std::floor(value);
  const double rest = value - below;
  const auto whole = static_cast<int>(below);
  if (rest > 0.5) return whole + 1;
  if (rest < 0.5) return whole;
  return whole % 2 == 0 ? whole : whole + 1;
}

std::pair<int, int> SplitPad(int slack) {
  return {RoundHalfEven(slack / 2.0 - 0.1), RoundHalfEven(slack / 2.0 + 0.1)};
}

double Pixel(const image::Image& picture, int x, int y, std::size_t channel) {
  const int inside_x = std::clamp(x, 0, picture.width() - 1);
  const int inside_y = std::clamp(y, 0, picture.height() - 1);
  return picture.row(inside_y)[static_cast<std::size_t>(inside_x) * 3 + channel];
}

double Bilinear(const image::Image& picture, double x, double y, std::size_t channel) {
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const double right_share = x - left;
  const double lower_share = y - top;
  const double upper = Pixel(picture, left, top, channel) * (1 - right_share) +
                       Pixel(picture, left + 1, top, channel) * right_share;
  const double lower = Pixel(picture, left, top + 1, channel) * (1 - right_share) +
                       Pixel(picture, left + 1, top + 1, channel) * right_share;
  return upper * (1 - lower_share) + lower * lower_share;
}

// Pixel index and share of each picture pixel under the triangle of result index i.
std::vector<std::pair<int, double>> Triangle(int i, int picture_size, int content_size) {
  const double scale = static_cast<double>(picture_size) / content_size;
  const double radius = std::max(scale, 1.0);
  const double centre = (i + 0.5) * scale;
  std::vector<std::pair<int, double>> shares;
  double sum = 0;
  const int begin = std::max(0, static_cast<int>(std::floor(centre - radius)) - 1);
  const int end = std::min(picture_size, static_cast<int>(std::ceil(centre + radius)) + 1);
  for (int p = begin; p < end; ++p) {
    const double height = 1 - std::abs(p + 0.5 - centre) / radius;
    if (height <= 0) continue;
    shares.emplace_back(p, height);
    sum += height;
  }
  for (auto& [p, share] : shares) share /= sum;
  return shares;
}

}  // namespace

PaddedPlan PlanPadded(int image_width, int image_height, int target_width, int target_height,
                      bool minimum, int stride) {
  const double across = static_cast<double>(target_width) / image_width;
  const double down = static_cast<double>(target_height) / image_height;
  const double gain = across < down ? across : down;
  PaddedPlan plan;
  plan.content_width = std::max(1, RoundHalfEven(image_width * gain));
  plan.content_height = std::max(1, RoundHalfEven(image_height * gain));
  int slack_x = target_width - plan.content_width;
  int slack_y = target_height - plan.content_height;
  while (minimum && slack_x >= stride) slack_x -= stride;
  while (minimum && slack_y >= stride) slack_y -= stride;
  std::tie(plan.pads.left, plan.pads.right) = SplitPad(slack_x);
  std::tie(plan.pads.top, plan.pads.bottom) = SplitPad(slack_y);
  return plan;
}

std::vector<double> FillPadded(const image::Image& picture, const yolo::Letterbox& plan) {
  std::vector<double> values;
  const double scale_x = static_cast<double>(picture.width()) / plan.content_width;
  const double scale_y = static_cast<double>(picture.height()) / plan.content_height;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < plan.input_height; ++y) {
      for (int x = 0; x < plan.input_width; ++x) {
        const int content_x = x - plan.pad_left;
        const int content_y = y - plan.pad_top;
        const bool inside = content_x >= 0 && content_x < plan.content_width && content_y >= 0 &&
                            content_y < plan.content_height;
        values.push_back(inside ? Bilinear(picture, (content_x + 0.5) * scale_x - 0.5,
                                           (content_y + 0.5) * scale_y - 0.5, channel)
                                : 114.0);
      }
    }
  }
  return values;
}

std::vector<double> FillCropped(const image::Image& picture, const yolo::Letterbox& plan) {
  std::vector<double> values;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < plan.input_height; ++y) {
      const auto rows = Triangle(y - plan.pad_top, picture.height(), plan.content_height);
      for (int x = 0; x < plan.input_width; ++x) {
        const auto columns = Triangle(x - plan.pad_left, picture.width(), plan.content_width);
        double value = 0;
        for (const auto& [row, row_share] : rows) {
          for (const auto& [column, column_share] : columns) {
            value += Pixel(picture, column, row, channel) * row_share * column_share;
          }
        }
        values.push_back(value);
      }
    }
  }
  return values;
}

}  // namespace bulkhead::oracle
