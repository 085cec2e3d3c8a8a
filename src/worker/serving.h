// SPDX-License-Identifier: Apache-2.0
// The life of a worker: load, lock, answer, end.
#pragma once

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/loading.h"

namespace bulkhead::worker {

// What a worker inherits (channel/inheritance.h).
struct Inheritance {
  base::UniqueFd frames;
  base::UniqueFd weights;
  base::UniqueFd setup;
  int status_fd = -1;
};

// Gives up, for every thread of the process and for good, what serving does not need.
using Lock = std::function<base::Status()>;

// Runs until the client drained or closed the socket; that is a success. Blocks. Starts one thread
// of its own, before the lock, and has joined it when it returns.
//
// An error before the first frame is told on the status pipe and on the socket as well: those of
// Load, of `lock`, and of channel::WorkerSession::Start. While serving, a frame that fails is
// answered with its error and the worker goes on; kCorrupt: the client broke the protocol.
//
// A frame's encoded bytes are wiped when it is answered, the weights before the first frame. The
// decoded picture, the tensors and the runtime's copy of the weights stay in this process's memory
// until it ends.
base::Status Serve(Inheritance inheritance, const Runtime& runtime, const Lock& lock);

}  // namespace bulkhead::worker
