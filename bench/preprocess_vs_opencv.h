// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "bench_result.h"

namespace bulkhead::bench {

// How many times faster image::OpenRows and yolo::FillInput turn a JPEG (a 1920x1080 one for the
// bar to mean something) into a 1x3x640x640 float tensor than OpenCV with one thread does
// (imdecode, resize, copyMakeBorder, dnn::blobFromImage). Fails (holds = false) when the picture
// does not decode or when the tensors differ anywhere by more than 1/255.
BenchResult PreprocessVsOpencv(std::span<const std::byte> jpeg);

}  // namespace bulkhead::bench
