// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/sql_database.h"

namespace bulkhead::store {

// A connection to an SQLite file in WAL mode, which is created, with mode 0600, where there is
// none. What was committed survives a loss of power. Others are waited for for as long as
// `patience`.
//
// kNotFound: the folder is missing. kDenied: the file may not be used. kInvalid: the name is a
// link's or another thing's that is no file. kCorrupt: it is no database, or another program's.
base::Result<std::unique_ptr<SqlDatabase>> OpenSqliteDatabase(const std::filesystem::path& path,
                                                              std::chrono::milliseconds patience);

}  // namespace bulkhead::store
