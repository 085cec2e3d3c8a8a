// SPDX-License-Identifier: Apache-2.0
#include "worker/raw_inference.h"

#include <string>

#include "base/monotonic_clock.h"

namespace bulkhead::worker {

using base::Code;

base::Result<channel::InferReply> Infer(engine::Engine& engine,
                                        const channel::Inference& inference) {
  if (inference.inputs.size() != 1) {
    return base::PublicError(Code::kUnsupported, "the graph has " +
                                                     std::to_string(inference.inputs.size()) +
                                                     " inputs; only graphs with one are run");
  }
  const std::chrono::nanoseconds begun = base::MonotonicNow();
  BH_ASSIGN(const auto outputs, engine.Run(inference.inputs.front()));
  channel::InferReply reply;
  reply.times.infer = base::MonotonicNow() - begun;
  for (const uint32_t index : inference.wanted) {
    if (index >= outputs.size()) {
      return base::OperatorError(Code::kInternal,
                                 "the engine gave no output " + std::to_string(index));
    }
    reply.outputs.push_back({index, outputs[index]});
  }
  return reply;
}

}  // namespace bulkhead::worker
