// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"

namespace bulkhead::store {

// Makes the file of a database where there is none, durably, and takes the rights of others from
// one that is there. Errors as of OpenSqliteDatabase.
base::Status PrepareSqliteFile(const std::filesystem::path& path);

}  // namespace bulkhead::store
