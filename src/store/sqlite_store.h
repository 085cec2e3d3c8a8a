// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/store.h"

namespace bulkhead::store {

// A store in one SQLite file, with mode 0600, which is created where there is none. Its folder must
// be there and be the caller's alone. The files <path>-wal and <path>-shm belong to it.
//
// Others' use of the file is waited for for as long as `patience`. kNotFound: the folder is
// missing. kInvalid: the name is a link's, or another thing's that is no file. kDenied, kCorrupt
// and kExhausted: as of Store.
base::Result<std::unique_ptr<Store>> OpenSqliteStore(
    const std::filesystem::path& path,
    std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace bulkhead::store
