// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/console.h"
#include "cli/gpu_inventory.h"

namespace bulkhead::cli {

// Adds `gpu list`, `plan`, `apply`, `import` and `export`. The references must outlive the parse.
void AddGpuCommand(CLI::App& program, const OpenGpus& open, const Console& console,
                   int& exit_status);

}  // namespace bulkhead::cli
