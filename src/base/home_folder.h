// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace bulkhead::base {

// Where node and gateway keep their state: BULKHEAD_HOME, or /var/lib/bulkhead for root and
// ~/.local/state/bulkhead (XDG_STATE_HOME) for others.
std::filesystem::path HomeFolder();

}  // namespace bulkhead::base
