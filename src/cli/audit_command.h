// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Adds `audit` with `tail`, `verify` and `prove`. References must outlive the parsing.
void AddAuditCommand(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
