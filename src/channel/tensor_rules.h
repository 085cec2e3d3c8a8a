// SPDX-License-Identifier: Apache-2.0
// What tensors may be, given what the graph declares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "base/tensor.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// Bytes of a dense tensor. nullopt: a dimension below 0, a type without a size (text, unknown), or
// a product that does not fit.
std::optional<std::size_t> TensorBytes(base::ElementType type, std::span<const int64_t> dims);

// kInvalid, with a message for the tenant, unless there is one tensor for each of `declared`, of
// its type and number of dimensions, equal where those are fixed and above 0 where they vary, each
// with the bytes that its dimensions say and all together with at most kTensorBytesMax.
base::Status CheckInputs(std::span<const base::TensorSpec> declared,
                         std::span<const base::TensorView> inputs);

// kInvalid: a place that is none of `declared`, or one twice. kUnsupported: an output whose type
// has no size.
base::Status CheckWanted(std::span<const base::TensorSpec> declared,
                         std::span<const uint32_t> wanted);

// kUnsupported unless every output is as its place in `declared` says, where a dimension that
// varies may be 0; kExhausted when they have more than kTensorBytesMax together.
base::Status CheckOutputs(std::span<const base::TensorSpec> declared,
                          std::span<const InferOutput> outputs);

}  // namespace bulkhead::channel
