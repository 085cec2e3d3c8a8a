// SPDX-License-Identifier: Apache-2.0
// Between the Open Inference Protocol's tensors and those of a worker's graph.
#pragma once

#include "base/result.h"
#include "channel/messages.h"
#include "openinference/messages.h"

namespace bulkhead::gateway {

// The request of <model> as the worker takes it: inputs by the graph's order, outputs by index. The
// tensors' bytes stay where they are. kInvalid, with a sentence for the caller: a name that the
// graph does not have, one that is missing or twice, another type, dimensions that do not fit.
base::Result<channel::InferRequest> GraphRequest(const openinference::InferRequest& request,
                                                 const channel::Hello& hello);
// The outputs lie in `reply`.
openinference::InferResponse GraphResponse(const channel::InferReply& reply,
                                           const channel::Hello& hello);

}  // namespace bulkhead::gateway
