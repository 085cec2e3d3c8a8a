// SPDX-License-Identifier: Apache-2.0
// Models that a tenant could push to harm whoever runs them, written as ONNX files in memory. All
// have the inputs, outputs and metadata of a small detector.
#pragma once

#include <cstddef>
#include <vector>

namespace bulkhead::sandbox_cases {

std::vector<std::byte> ModelThatAllocates(long long floats);  // one tensor of so many
std::vector<std::byte> ModelThatLoops();                      // 2^62 times
std::vector<std::byte> ModelWithAbsurdInput();                // a batch of 4096 x 3 x 16384 x 16384
std::vector<std::byte> ModelWithAbsurdOutput();         // 84 anchors declared, a million given
std::vector<std::byte> ModelOfNestedGraphs(int depth);  // If in If in If
std::vector<std::byte> ModelThatReadsAFile(const char* path);  // as its weights
std::vector<std::byte> ModelThatAnswers(float value);          // everywhere

}  // namespace bulkhead::sandbox_cases
