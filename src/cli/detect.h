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
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::cli {

// Opens a network from the bytes of a model file.
using OpenEngine = std::function<base::Result<std::unique_ptr<engine::Engine>>(
    std::span<const std::byte>, const engine::EngineOptions&)>;

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
};

// Runs the command and returns its exit status. A picture that cannot be read or decoded is
// reported in one line (and as "error" in the JSON), the others go on, and the status is kFailure.
int RunDetect(DetectArguments arguments, const OpenEngine& open_engine, const Console& console);

}  // namespace bulkhead::cli
