// SPDX-License-Identifier: Apache-2.0
// Network outputs to detections: one entry point over the layouts of every family and task.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/tensor.h"
#include "yolo/detection.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// Decodes the outputs of one picture of a batch. `outputs` are the graph's outputs in its order
// (float32 or float16, [batch, ...]); `batch_index` selects the picture; boxes come back in pixels
// of the original image_width x image_height picture, clipped to it.
//
// kInvalid: options out of range (thresholds outside 0..1, detections_max < 1, a class the model
// does not have). kCorrupt: outputs whose shape does not fit the spec, or NaN or infinity in a row
// that would be reported.
// Cost: one pass over the scores, then O(candidates) memory; candidates before NMS are capped at
// 30,000 by score, as the exporter does.
base::Result<ImageResult> DecodeOutputs(const ModelSpec& spec,
                                        std::span<const base::TensorView> outputs,
                                        std::size_t batch_index, const Letterbox& letterbox,
                                        int image_width, int image_height,
                                        const DetectOptions& options);

}  // namespace bulkhead::yolo
