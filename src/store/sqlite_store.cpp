// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.h"

#include <utility>

#include "store/schema.h"
#include "store/sqlite_database.h"
#include "store/store_over_sql.h"

namespace bulkhead::store {
namespace {

base::Result<std::unique_ptr<Store>> Open(const std::filesystem::path& path,
                                          std::chrono::milliseconds patience) {
  BH_ASSIGN(auto database, OpenSqliteDatabase(path, patience));
  return OpenStoreOverSql(std::move(database), SqliteSchema());
}

}  // namespace

base::Result<std::unique_ptr<Store>> OpenSqliteStore(const std::filesystem::path& path,
                                                     std::chrono::milliseconds patience) {
  auto store = Open(path, patience);
  if (store.ok()) return store;
  return base::WithContext(std::move(store).error(), "the store " + path.string());
}

}  // namespace bulkhead::store
