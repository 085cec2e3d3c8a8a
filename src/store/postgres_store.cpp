// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_store.h"

#include <utility>

#include "store/postgres_database.h"
#include "store/schema.h"
#include "store/store_over_sql.h"

namespace bulkhead::store {
namespace {

base::Result<std::unique_ptr<Store>> Open(const std::string& conninfo,
                                          std::chrono::milliseconds patience) {
  BH_ASSIGN(auto database, OpenPostgresDatabase(conninfo, patience));
  return OpenStoreOverSql(std::move(database), PostgresSchema());
}

}  // namespace

base::Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& conninfo,
                                                       std::chrono::milliseconds patience) {
  auto store = Open(conninfo, patience);
  if (store.ok()) return store;
  return base::WithContext(std::move(store).error(), "the PostgreSQL store");
}

}  // namespace bulkhead::store
