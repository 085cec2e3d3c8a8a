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

// Decodes the outputs of one picture of a batch. `outputs` are the graph's outputs in any order
// (float32 or float16, [batch, ...]): rows are the first with 3 dimensions, mask prototypes the
// first with 4, class scores the first with 2. `batch_index` selects the picture, whose sizes must
// be positive. spec.head decides how rows are read, never their shape.
//
// Results are what Ultralytics 8.4 reports for the same outputs, for kAnchorBased rows what the
// YOLOv5 repository's functions do, in pixels of the original picture:
// - Boxes and keypoints are clipped to it. A box's corners are as the network gave them: x2 < x1
//   where it said so.
// - Rotated boxes and the upright boxes around them are not clipped; width may be the shorter side.
// - Segmentation drops detections whose mask is empty at the network's input size (kAnchorBased
//   keeps them).
// - Classification returns every class and reads no option. Networks with imagenet_normalisation
//   (YOLOv5's) end in logits, and get their softmax here.
// - End-to-end rows are only filtered: their overlaps were suppressed inside the graph.
//
// NaN and infinity: no result is built from them. A score that is NaN or plus infinity is an error
// wherever scores are read (every anchor; with objectness, every objectness and the classes of
// those above the threshold). A box is looked at when its score is above the threshold, the rest of
// a row when it is reported.
//
// kInvalid: options out of range (thresholds outside 0..1, detections_max < 1, a class the model
// does not have, more classes than it has), or a spec without classes, keypoints or mask
// coefficients its task needs. kUnsupported: a task that no exporter combines with this head.
// kCorrupt: outputs whose shape or type does not fit the spec, NaN or infinity as above, or an
// end-to-end row of an unknown class. kExhausted: masks of more than kMaskPixelsMax
// (task_detections.h) pixels together. Cost: one pass over the scores, then O(candidates) memory;
// candidates before NMS are capped at 30,000 by score, as the exporter does. Pure; safe from any
// thread.
base::Result<ImageResult> DecodeOutputs(const ModelSpec& spec,
                                        std::span<const base::TensorView> outputs,
                                        std::size_t batch_index, const Letterbox& letterbox,
                                        int image_width, int image_height,
                                        const DetectOptions& options);

}  // namespace bulkhead::yolo
