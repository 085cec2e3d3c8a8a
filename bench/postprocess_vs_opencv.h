// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench_result.h"

namespace bulkhead::bench {

// How many times faster yolo::DecodeOutputs is than the post-processing that OpenCV's own YOLO
// sample does (transpose, minMaxLoc per row, dnn::NMSBoxes), on an 84 x 8400 output with 1,000
// candidates over the threshold. Fails (holds = false) when the two disagree on a box.
BenchResult PostprocessVsOpencv();

}  // namespace bulkhead::bench
