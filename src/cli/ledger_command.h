// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "cli/console.h"

namespace bulkhead::cli {

// Add `export` and `find` to the program's `ledger`. References must outlive the parsing.
void AddLedgerExportCommand(CLI::App& ledger, const Console& console, int& exit_status);
void AddLedgerFindCommand(CLI::App& ledger, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
