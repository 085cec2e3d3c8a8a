// SPDX-License-Identifier: Apache-2.0
// The port through which a network runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::engine {

enum class Provider { kCpu, kCuda, kTensorRt };

struct EngineOptions {
  Provider provider = Provider::kCpu;
  // Threads one run may use. Always explicit: a library's own guess looks at the whole machine and
  // fails inside a restricted cpu set. 0 means every core this process may run on.
  int threads = 0;
  // GPU index as the process sees it; a worker inside a MIG instance sees only index 0.
  int device_index = 0;
  // TensorRT: let it compute in FP16, and in INT8 where the model is quantised (QDQ nodes).
  bool fp16 = false;
  bool int8 = false;
  // Where TensorRT keeps built engines; they contain weights. Empty: nothing is kept.
  std::filesystem::path engine_cache_dir;
};

// A loaded network. One thread at a time.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // Inputs, outputs and metadata as the graph declares them. Valid as long as the engine.
  [[nodiscard]] virtual const base::GraphDescription& Describe() const = 0;

  // Runs the network once on its first input; blocks until the outputs are in host memory.
  // The input's bytes must stay in place during the call. The returned views point into memory of
  // the engine and are valid until the next Run or the engine's end.
  //
  // kInvalid: the input does not fit the declared type or shape, or the graph refused it.
  // kExhausted: not enough memory. kUnsupported: an output that is not numeric. kInternal: anything
  // else, a lost device included.
  [[nodiscard]] virtual base::Result<std::span<const base::TensorView>> Run(
      const base::TensorView& input) = 0;
};

// "cpu", "cuda", "tensorrt".
std::string_view ProviderName(Provider provider);

}  // namespace bulkhead::engine
