// SPDX-License-Identifier: Apache-2.0
// A model that is ready for pictures, wherever it runs.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "isolation/layer.h"
#include "worker/detector.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::cli {

struct Detected {
  yolo::ImageResult result;
  worker::StepTimes times;
  std::vector<std::byte> annotated;  // a JPEG; empty unless asked for
};

struct OpenedModel {
  yolo::ModelSpec spec;
  // One encoded picture to what was found in it. The model goes on after an error.
  std::function<base::Result<Detected>(std::span<const std::byte> encoded,
                                       const yolo::DetectOptions& options, bool annotate)>
      detect;
  // Of the compartment that it runs in; empty for a model in this process.
  isolation::LayerSet layers;
};

}  // namespace bulkhead::cli
