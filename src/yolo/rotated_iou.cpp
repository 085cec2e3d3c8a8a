// SPDX-License-Identifier: Apache-2.0
#include "yolo/rotated_iou.h"

#include <algorithm>
#include <cmath>

namespace bulkhead::yolo {
namespace {

constexpr double kEpsilon = 1e-7;
constexpr double kDistanceMax = 100.0;

double Determinant(double a, double b, double c) { return a * b - c * c; }

}  // namespace

GaussianBox ToGaussian(const RotatedBox& box) {
  const double along = static_cast<double>(box.width) * box.width / 12.0;
  const double across = static_cast<double>(box.height) * box.height / 12.0;
  const double cosine = std::cos(static_cast<double>(box.angle));
  const double sine = std::sin(static_cast<double>(box.angle));
  return {.cx = box.cx,
          .cy = box.cy,
          .a = along * cosine * cosine + across * sine * sine,
          .b = along * sine * sine + across * cosine * cosine,
          .c = (along - across) * cosine * sine};
}

double ProbabilisticIou(const GaussianBox& first, const GaussianBox& second) {
  const double a = first.a + second.a;
  const double b = first.b + second.b;
  const double c = first.c + second.c;
  const double dx = first.cx - second.cx;
  const double dy = first.cy - second.cy;
  const double determinant = Determinant(a, b, c);
  const double centres =
      (0.25 * (a * dy * dy + b * dx * dx) - 0.5 * c * dx * dy) / (determinant + kEpsilon);
  const double own = std::max(Determinant(first.a, first.b, first.c), 0.0) *
                     std::max(Determinant(second.a, second.b, second.c), 0.0);
  const double shapes = 0.5 * std::log(determinant / (4.0 * std::sqrt(own) + kEpsilon) + kEpsilon);
  const double distance = std::clamp(centres + shapes, kEpsilon, kDistanceMax);
  return 1.0 - std::sqrt(1.0 - std::exp(-distance) + kEpsilon);
}

Box UprightBox(const RotatedBox& box) {
  const float cosine = std::cos(box.angle);
  const float sine = std::sin(box.angle);
  const float half_width = (std::abs(box.width * cosine) + std::abs(box.height * sine)) / 2;
  const float half_height = (std::abs(box.width * sine) + std::abs(box.height * cosine)) / 2;
  return {box.cx - half_width, box.cy - half_height, box.cx + half_width, box.cy + half_height};
}

}  // namespace bulkhead::yolo
