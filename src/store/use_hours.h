// SPDX-License-Identifier: Apache-2.0
// What UseHistory says, inside a transaction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "store/sql_database.h"
#include "store/store.h"

namespace bulkhead::store {

base::Status PutHours(SqlDatabase& database, std::span<const UseRow> rows,
                      int64_t forget_before_unix_ms);
base::Result<std::vector<UseRow>> ReadHours(SqlDatabase& database, const UseQuery& query);

}  // namespace bulkhead::store
