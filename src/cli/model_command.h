// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Adds `model` with its subcommands and manual to the program. When one was given, parsing runs it
// and stores its exit status. All references must outlive the parsing.
void AddModelCommand(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
