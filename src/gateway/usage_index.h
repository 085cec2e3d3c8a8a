// SPDX-License-Identifier: Apache-2.0
// Totals of the store, made from the ledger: nothing counts twice, and nothing is left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace bulkhead::gateway {

// Counts the ledger's records up to `durable` (meter::Ledger::position) that the store has not
// counted yet. Blocks. Errors of the store, and of reading the ledger. kCorrupt: more was counted
// than the ledger has, so its newest segments are missing.
base::Status IndexUsage(store::Store& store, const std::filesystem::path& ledger_folder,
                        const std::string& ledger_id, uint64_t durable);

}  // namespace bulkhead::gateway
