// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "yolo/class_groups.h"
#include "yolo/nms.h"
#include "yolo/rotated_iou.h"

namespace bulkhead::yolo {
namespace {

// Tells, without a logarithm, that two boxes are too far apart for their probabilistic IoU to be
// above a threshold. With d the distance of the centres and S the sum of the covariances, the
// Bhattacharyya distance is at least d^2 / (4 * trace(S)): the trace bounds the largest eigenvalue,
// and the term for the shapes is never negative. Boxes so flat that the exporter's epsilons rule
// the result are left to the full formula.
class DistanceGate {
 public:
  explicit DistanceGate(float iou_max) {
    const double hellinger = 1.0 - static_cast<double>(iou_max);
    limit_ = 4.0 * (std::min(-std::log1p(-hellinger * hellinger), kDistanceOfZeroIou) + kMargin);
  }

  [[nodiscard]] bool Excludes(const GaussianBox& first, const GaussianBox& second) const {
    const double dx = first.cx - second.cx;
    const double dy = first.cy - second.cy;
    const double a = first.a + second.a;
    const double b = first.b + second.b;
    const double c = first.c + second.c;
    return dx * dx + dy * dy > limit_ * (a + b) && a * b - c * c > kFlat;
  }

 private:
  static constexpr double kDistanceOfZeroIou = 17.0;  // -log(1e-7) is 16.1
  static constexpr double kMargin = 1.0;
  static constexpr double kFlat = 1e-3;  // pixels^4, 10,000 epsilons

  double limit_ = 0;
};

}  // namespace

std::vector<int> SuppressRotatedBoxes(std::span<const RotatedBox> boxes,
                                      std::span<const float> scores, std::span<const int> classes,
                                      const NmsOptions& options) {
  BH_CHECK(boxes.size() == scores.size() && boxes.size() == classes.size());
  const ClassGroups groups(classes, options.class_agnostic);
  const DistanceGate gate(options.iou_max);
  std::vector<std::vector<GaussianBox>> better_of_group(groups.count());
  std::vector<int> kept;
  for (const uint32_t index : OrderByScore(scores)) {
    if (kept.size() >= static_cast<std::size_t>(std::max(options.keep_max, 0))) break;
    const GaussianBox candidate = ToGaussian(boxes[index]);
    auto& rivals = better_of_group[groups.Of(classes[index])];
    const bool suppressed =
        std::any_of(rivals.begin(), rivals.end(), [&](const GaussianBox& rival) {
          return !gate.Excludes(rival, candidate) &&
                 ProbabilisticIou(rival, candidate) > static_cast<double>(options.iou_max);
        });
    if (!suppressed) kept.push_back(static_cast<int>(index));
    rivals.push_back(candidate);
  }
  return kept;
}

}  // namespace bulkhead::yolo
