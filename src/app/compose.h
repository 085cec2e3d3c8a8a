// SPDX-License-Identifier: Apache-2.0
// The only place where concrete adapters are named.
#pragma once

#include "cli/detect.h"

namespace bulkhead::app {

// The engine that every program of this build runs networks with.
cli::OpenEngine ComposeEngine();

}  // namespace bulkhead::app
