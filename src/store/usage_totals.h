// SPDX-License-Identifier: Apache-2.0
// What Store says of usage, inside a transaction.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/sql_database.h"
#include "store/store.h"

namespace bulkhead::store {

base::Result<uint64_t> ReadCursor(SqlDatabase& database, const std::string& ledger_id);
base::Status AddTotals(SqlDatabase& database, const std::string& ledger_id, uint64_t from,
                       uint64_t to, std::span<const UsageRow> rows);
base::Result<std::vector<UsageRow>> ReadTotals(SqlDatabase& database, const UsageQuery& query);

}  // namespace bulkhead::store
