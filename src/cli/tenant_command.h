// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Adds `tenant` and `key` with their subcommands to the program. References must outlive the
// parsing, which runs the one that was given and stores its exit status.
void AddTenantCommand(CLI::App& program, const Console& console, int& exit_status);
void AddKeyCommand(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
