// SPDX-License-Identifier: Apache-2.0
// Between the Open Inference Protocol's tensors and a detection: what <model>.detect takes and
// gives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "openinference/messages.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::gateway {

// What <model>.detect declares: "image", BYTES [1]; and the outputs below.
std::vector<openinference::TensorMetadata> DetectInputs();
std::vector<openinference::TensorMetadata> DetectOutputs(const yolo::ModelSpec& spec);

// The picture of a request for <model>.detect, in its bytes. kInvalid: not that one input.
base::Result<std::span<const std::byte>> PictureOf(const openinference::InferRequest& request);
// boxes FP32 [n,4] x1,y1,x2,y2, scores FP32 [n], classes INT32 [n]; pose: keypoints FP32 [n,k,3] x,
// y, visibility; obb: rotated FP32 [n,5] cx,cy,width,height,angle. Pixels of the original picture.
// Classification: scores and classes. Those that were asked for, or all. kInvalid: an output that
// there is not.
base::Result<openinference::InferResponse> DetectResponse(
    const openinference::InferRequest& request, const yolo::ModelSpec& spec,
    const yolo::ImageResult& result);

}  // namespace bulkhead::gateway
