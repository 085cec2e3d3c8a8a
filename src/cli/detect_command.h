// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"
#include "cli/detect.h"

namespace bulkhead::cli {

// Adds `detect` with its options and manual to the program. When the command was given, parsing
// runs it and stores its exit status. All references must outlive the parsing.
void AddDetectCommand(CLI::App& program, const OpenEngine& open_engine,
                      const OpenDriver& open_driver, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
