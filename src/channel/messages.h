// SPDX-License-Identifier: Apache-2.0
// What is said on a worker's frames socket, as values. The bytes: docs/formats/worker_protocol.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"
#include "channel/frame_buffer.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::channel {

using RequestId = uint64_t;

// A point on CLOCK_MONOTONIC, which both ends share; zero: no deadline.
using Deadline = std::chrono::nanoseconds;

// Given to a worker before it starts, on kSetupFd. Written by its owner, not by the tenant, but it
// carries the tenant's overrides: the worker checks it as it checks everything.
struct Setup {
  std::string provider = "cpu";  // engine::ProviderName
  int threads = 1;
  int device_index = 0;
  bool fp16 = false;
  bool int8 = false;
  yolo::SpecOverrides overrides;
  int64_t picture_pixels_max = 100'000'000;
  // Most frames run at once when the model's batch is dynamic, and how long the first of them may
  // wait for more while others are queued.
  int batch_max = 1;
  std::chrono::microseconds batch_wait{2000};
  // Frames that may be sent before their replies came.
  int frames_in_flight_max = 16;
};

// Worker to client, once, first: what runs here.
struct Hello {
  yolo::ModelSpec spec;
  std::string engine;  // name and version of the runtime, for people
  int batch_max = 1;
  int frames_in_flight_max = 16;
  // What the graph declares, for InferRequest; a variable dimension is -1.
  std::vector<base::TensorSpec> inputs;
  std::vector<base::TensorSpec> outputs;
};

// Client to worker. `encoded` lies in the caller's memory. Identifiers are above 0 and rise: each
// is above every earlier one of its socket.
struct DetectRequest {
  RequestId id = 0;
  Deadline deadline{0};
  yolo::DetectOptions options;
  std::span<const std::byte> encoded;
  bool annotate = false;  // also draw the result
};

// Client to worker: run the graph as it is on these tensors. It shares its identifiers with
// DetectRequest. It runs alone: whatever the tensors' batch, no other request joins it.
struct InferRequest {
  RequestId id = 0;
  Deadline deadline{0};
  // One for each of Hello::inputs, in that order: its type, its dimensions where those are fixed,
  // others above 0. The bytes, row-major and little endian, lie in the caller's memory.
  std::vector<base::TensorView> inputs;
  // Wanted outputs as places in Hello::outputs, each once; empty: all of them.
  std::vector<uint32_t> outputs;
};

// Client to worker: forget it if it has not begun. It is answered all the same, with kDeadline or
// the result. One that crosses its answer on the way is ignored.
struct CancelRequest {
  RequestId id = 0;
};

// Client to worker: no more requests will come; the worker answers what it has and exits with 0.
struct Drain {};

struct FrameTimes {
  std::chrono::nanoseconds queue{0};
  std::chrono::nanoseconds decode{0};
  std::chrono::nanoseconds letterbox{0};
  std::chrono::nanoseconds infer{0};  // of the whole batch
  std::chrono::nanoseconds heads{0};
  int batch = 1;
};

// Worker to client.
struct DetectReply {
  RequestId id = 0;
  yolo::ImageResult result;
  FrameTimes times;
  // A JPEG of the picture with its result drawn, where the request asked for one: bytes that the
  // worker made, for people to look at; nobody checked what is in them.
  std::vector<std::byte> annotated;
};

struct InferOutput {
  uint32_t index = 0;  // in Hello::outputs
  base::TensorView tensor;
};

// Worker to client: the wanted outputs in the order of their request. Their bytes are the graph's
// own, and nobody checked what is in them.
struct InferReply {
  RequestId id = 0;
  std::vector<InferOutput> outputs;
  FrameTimes times;  // queue and infer
  // Where the outputs of a reply that a client received have their bytes; gone with it. A worker
  // leaves it empty: its outputs lie with the engine.
  FrameBuffer memory;
};

// Worker to client: this request failed, the worker goes on. With id 0, and then in place of Hello:
// the worker could not start and ends.
struct FailureReply {
  RequestId id = 0;
  base::Error error;
};

}  // namespace bulkhead::channel
