// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "bench_result.h"

namespace bulkhead::bench {

// detect-memory-mb: peak resident memory of `bulkhead detect MODEL JPEG` over that of a bare ONNX
// Runtime program (`this_program --bare-run MODEL`), both as processes of their own, medians of
// five. Floor of the difference: the 4.9 MB tensor and the 12.8 MB of model file that is read into
// memory; of the picture only a few rows are held.
BenchResult DetectMemory(const std::filesystem::path& programs, const std::filesystem::path& model,
                         const std::filesystem::path& jpeg);

}  // namespace bulkhead::bench
