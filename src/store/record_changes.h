// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "store/sql_database.h"
#include "store/store.h"

namespace bulkhead::store {

// Makes one change, inside a transaction; errors as of Store::Apply.
base::Status MakeChange(SqlDatabase& database, const Change& change);

}  // namespace bulkhead::store
