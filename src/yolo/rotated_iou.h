// SPDX-License-Identifier: Apache-2.0
// Overlap and outline of rotated boxes.
#pragma once

#include "yolo/detection.h"

namespace bulkhead::yolo {

// A rotated box seen as a Gaussian: its centre, and the covariance [[a, c], [c, b]] of a uniform
// distribution over the box (side^2 / 12 along each axis).
struct GaussianBox {
  double cx = 0;
  double cy = 0;
  double a = 0;
  double b = 0;
  double c = 0;
};

GaussianBox ToGaussian(const RotatedBox& box);

// Probabilistic IoU: 1 - the Hellinger distance of the two Gaussians, from their Bhattacharyya
// distance (Llerena et al., arXiv:2106.06072, eq. 8 to 11). The 1e-7 terms that keep flat boxes
// from dividing by zero are the exporter's.
double ProbabilisticIou(const GaussianBox& first, const GaussianBox& second);

// The smallest upright box around a rotated one.
Box UprightBox(const RotatedBox& box);

}  // namespace bulkhead::yolo
