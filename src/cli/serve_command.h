// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Adds `serve` to the program. References must outlive the parsing, which runs it.
void AddServeCommand(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
