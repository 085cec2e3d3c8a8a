// SPDX-License-Identifier: Apache-2.0
// From inherited descriptors to a warm network.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "channel/messages.h"
#include "engine/engine.h"
#include "worker/batching.h"
#include "worker/detector.h"

namespace bulkhead::worker {

// Opens a network from the bytes of a model file, which may be wiped when it returns.
using OpenEngine = std::function<base::Result<std::unique_ptr<engine::Engine>>(
    std::span<const std::byte>, const engine::EngineOptions&)>;

// What runs networks here, and its name for people.
struct Runtime {
  std::string name;
  OpenEngine open;
};

struct Loaded {
  Detector detector;
  channel::Hello hello;
  BatchPolicy batching;
};

// Reads the setup, opens the model, wipes it, and runs the network once for the smallest and the
// largest batch, so that whatever it takes once (memory, threads, files) it has taken.
//
// Errors are those of channel::DecodeSetup, base::SecretBytes::AdoptMemfd, the runtime,
// Detector::Open and the first run. kInvalid: the setup names an unknown provider.
base::Result<Loaded> Load(base::UniqueFd setup, base::UniqueFd weights, const Runtime& runtime);

}  // namespace bulkhead::worker
