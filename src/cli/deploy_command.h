// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Add `model push|list|delete` to the program's `model`; `deploy`, `undeploy` and `ps`; `usage`, to
// the program. References must outlive the parsing, which runs the one that was given.
void AddModelAdminCommands(CLI::App& program, const Console& console, int& exit_status);
void AddDeployCommands(CLI::App& program, const Console& console, int& exit_status);
void AddUsageCommands(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
