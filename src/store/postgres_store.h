// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace bulkhead::store {

// A store in a database of a PostgreSQL server (14 or newer), in the schema that its search_path
// begins with. `conninfo` is a URL (postgres://...) or a list of key=value, as of libpq; its
// password is in no error. The role needs the right to create tables there.
//
// No statement takes longer than `patience`. kUnavailable: the server cannot be reached, refuses
// the password or only reads. kInvalid: conninfo is malformed, or the database's encoding is not
// UTF8. kDenied, kCorrupt and kExhausted: as of Store.
base::Result<std::unique_ptr<Store>> OpenPostgresStore(
    const std::string& conninfo, std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace bulkhead::store
