// SPDX-License-Identifier: Apache-2.0
// Several pictures through one detector.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/result.h"
#include "worker/detector.h"
#include "yolo/detection.h"

namespace bulkhead::worker {

struct BatchPicture {
  std::span<const std::byte> encoded;
  const yolo::DetectOptions* options = nullptr;
};

struct BatchOutcome {
  base::Result<yolo::ImageResult> result;
  StepTimes times;
  int batch = 1;  // pictures that the network ran on at once
};

// Told once for every picture, by its index, in any order.
using OnOutcome = std::function<void(std::size_t, BatchOutcome)>;

// Errors of a picture are those of Detector::Detect and meet nobody else, except for those of the
// network's run, which meet all that ran with it.
void DetectBatch(Detector& detector, std::span<const BatchPicture> pictures,
                 const OnOutcome& on_outcome);

}  // namespace bulkhead::worker
