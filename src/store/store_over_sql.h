// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "store/sql_database.h"
#include "store/store.h"

namespace bulkhead::store {

// The store that lives in a database, after its tables were brought to the version of the last of
// `scripts`. Errors as of Migrate.
base::Result<std::unique_ptr<Store>> OpenStoreOverSql(std::unique_ptr<SqlDatabase> database,
                                                      std::span<const std::string_view> scripts);

}  // namespace bulkhead::store
