// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "yolo/model_spec.h"

namespace bulkhead::cli {

// Adds --task, --head, --names, --stride and --imgsz, which stand in for metadata that a file
// lacks. `overrides` must outlive the parsing.
void AddModelOverrides(CLI::App& command, yolo::SpecOverrides& overrides);

}  // namespace bulkhead::cli
