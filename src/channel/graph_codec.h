// SPDX-License-Identifier: Apache-2.0
// What a graph declares, as a part of Hello.
#pragma once

#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tensor.h"

namespace bulkhead::channel {

// Whether tensors are at most kGraphTensorsMax, with names of UTF-8 up to kNameBytesMax and at most
// kTensorRankMax dimensions, each -1 or more.
bool FitsLimits(std::span<const base::TensorSpec> tensors);

// They must fit the limits.
void WriteTensorSpecs(std::span<const base::TensorSpec> tensors, base::ByteWriter& writer);

// Fails the reader unless WriteTensorSpecs wrote it.
std::vector<base::TensorSpec> ReadTensorSpecs(base::ByteReader& reader);

}  // namespace bulkhead::channel
