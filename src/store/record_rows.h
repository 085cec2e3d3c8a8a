// SPDX-License-Identifier: Apache-2.0
// Records as rows of their tables, and back. The columns are in the order of schema/.
#pragma once

#include "base/result.h"
#include "store/sql_database.h"
#include "store/store.h"

namespace bulkhead::store {

SqlRow RowOf(const tenant::Tenant& tenant);
SqlRow RowOf(const tenant::Key& key);
SqlRow RowOf(const tenant::ModelVersion& model);
SqlRow RowOf(const tenant::Deployment& deployment);
SqlRow RowOf(const UsageRow& usage);
SqlRow RowOf(const UseRow& use);

// An unsigned number as the signed one with the same bits, which is what both databases can keep.
SqlValue NumberOf(uint64_t value);

// kCorrupt: the row is none that RowOf makes.
base::Status ReadRow(const SqlRow& row, tenant::Tenant& tenant);
base::Status ReadRow(const SqlRow& row, tenant::Key& key);
base::Status ReadRow(const SqlRow& row, tenant::ModelVersion& model);
base::Status ReadRow(const SqlRow& row, LastVersion& last);
base::Status ReadRow(const SqlRow& row, tenant::Deployment& deployment);
base::Status ReadRow(const SqlRow& row, UsageRow& usage);
base::Status ReadRow(const SqlRow& row, UseRow& use);
base::Status ReadRow(const SqlRow& row, uint64_t& number);

}  // namespace bulkhead::store
