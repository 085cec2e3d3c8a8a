// SPDX-License-Identifier: Apache-2.0
// `bulkhead detect`: run a model on pictures and report what it finds.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/console.h"
#include "engine/engine.h"
#include "isolation/isolation_driver.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::cli {

// Opens a network from the bytes of a model file.
using OpenEngine = std::function<base::Result<std::unique_ptr<engine::Engine>>(
    std::span<const std::byte>, const engine::EngineOptions&)>;

// Opens what puts workers in compartments.
using OpenDriver = std::function<base::Result<std::unique_ptr<isolation::IsolationDriver>>()>;

// Protobuf, and so ONNX, ends at 2 GiB.
constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;

struct DetectArguments {
  std::string model;
  std::vector<std::string> images;  // files and folders
  yolo::DetectOptions options;
  // Of options.classes, given as names or numbers; resolved once the model is known.
  std::vector<std::string> classes;
  yolo::SpecOverrides overrides;
  engine::EngineOptions engine;
  std::filesystem::path annotate_dir;  // empty: no pictures are written
  bool json = false;
  bool no_sandbox = false;
  // Layers of isolation that the worker may do without. The default is what an ordinary user often
  // cannot have: the model is the user's own, so nobody else's trust is at stake.
  isolation::LayerSet optional_layers = {
      isolation::Layer::kOwnUser, isolation::Layer::kCgroupMemory, isolation::Layer::kCgroupPids,
      isolation::Layer::kCgroupCpus};
  int64_t memory_mib = 0;  // of the worker; 0: from the size of the model
};

// Runs the command and returns its exit status. The model runs in a sandboxed worker; with
// `no_sandbox` in this process, which is warned about and written to the system's log. A picture
// that cannot be read or decoded is reported in one line (and as "error" in the JSON), the others
// go on, and the status is kFailure.
int RunDetect(DetectArguments arguments, const OpenEngine& open_engine,
              const OpenDriver& open_driver, const Console& console);

}  // namespace bulkhead::cli
