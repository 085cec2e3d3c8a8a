// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "channel/infer_codec.h"
#include "channel/messages.h"
#include "engine/engine.h"

namespace bulkhead::worker {

// Runs the graph as it is. The reply has no identifier yet, and the time of the run alone; its
// outputs lie with the engine until the next run.
//
// Errors are those of engine::Engine::Run. kUnsupported: a graph of several inputs. kInternal: the
// engine gives fewer outputs than the graph declares.
base::Result<channel::InferReply> Infer(engine::Engine& engine,
                                        const channel::Inference& inference);

}  // namespace bulkhead::worker
