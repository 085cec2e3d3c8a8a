// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/console.h"

namespace CLI {
class App;
}

namespace bulkhead::cli {

// `bulkhead health`.
void AddHealthCommand(CLI::App& program, const Console& console, int& exit_status);

}  // namespace bulkhead::cli
