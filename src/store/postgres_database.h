// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/sql_database.h"

namespace bulkhead::store {

// A connection to a PostgreSQL database, made anew when it is lost. A transaction that the loss, or
// another one, broke before its end is run again, a few times. No statement takes longer than
// `patience`. Errors as of OpenPostgresStore; none holds the password.
base::Result<std::unique_ptr<SqlDatabase>> OpenPostgresDatabase(const std::string& conninfo,
                                                                std::chrono::milliseconds patience);

}  // namespace bulkhead::store
