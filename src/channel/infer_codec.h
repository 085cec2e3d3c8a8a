// SPDX-License-Identifier: Apache-2.0
// InferRequest and InferReply. Neither says what the graph declares: types, numbers of dimensions,
// and how many bytes a tensor has follow from Hello.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// Where the first input begins, as a multiple from the message's start: so that a receiver whose
// buffer is aligned can use the numbers where they lie.
inline constexpr std::size_t kTensorAlignment = 64;

// The body up to the inputs' bytes. The inputs and `wanted`, which names every output that is
// asked for, must have passed CheckInputs and CheckWanted (tensor_rules.h).
std::vector<std::byte> EncodeInferFront(std::span<const base::TensorView> inputs,
                                        std::span<const uint32_t> wanted);

// What an InferRequest's body says.
struct Inference {
  std::vector<base::TensorView> inputs;  // in `body`
  std::vector<uint32_t> wanted;          // never empty, unless the graph has no output
};

// kCorrupt: not EncodeInferFront and the bytes of inputs that CheckInputs and CheckWanted take.
base::Result<Inference> DecodeInfer(std::span<const base::TensorSpec> declared_inputs,
                                    std::span<const base::TensorSpec> declared_outputs,
                                    std::span<const std::byte> body);

// A reply's body up to the outputs' bytes. The outputs must have passed CheckOutputs.
std::vector<std::byte> EncodeInferReplyFront(const InferReply& reply);

// Bytes of the longest body that answers a request for these outputs; where a dimension varies,
// kTensorBytesMax bounds it.
std::size_t InferReplyBytesMax(std::span<const base::TensorSpec> declared,
                               std::span<const uint32_t> wanted);

// The outputs lie in `body`. kCorrupt: not EncodeInferReplyFront and the bytes of the wanted
// outputs, in the order of `wanted`, as CheckOutputs takes them; or a step time out of its range.
base::Result<InferReply> DecodeInferReply(RequestId id, std::span<const base::TensorSpec> declared,
                                          std::span<const uint32_t> wanted,
                                          std::span<const std::byte> body);

}  // namespace bulkhead::channel
