// SPDX-License-Identifier: Apache-2.0
// What the adapters differ in: one connection to an SQL database. What is asked of it is written
// once, in SQL that all of them speak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace bulkhead::store {

// NULL, a number, a text or bytes; nothing else is kept.
using SqlValue = std::variant<std::monostate, int64_t, std::string, std::vector<std::byte>>;
using SqlRow = std::vector<SqlValue>;

enum class Access {
  kRead,     // everything as of one moment
  kWrite,    // one writer at a time, of all processes
  kMigrate,  // as kWrite, where there may be no table yet
};

// One thread at a time. Every call blocks, for no longer than the adapter's patience with others.
//
// Errors: those of Store, and: kConflict: a row of that key is there. kNotFound: a row refers to
// one that is not there, or is referred to.
class SqlDatabase {
 public:
  SqlDatabase() = default;
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;
  virtual ~SqlDatabase() = default;

  // Runs `work`, whose calls of Run and RunScript are done all or not at all: when it fails, or the
  // end of the transaction does, nothing was changed. May run it more than once.
  virtual base::Status Transact(Access access, const std::function<base::Status()>& work) = 0;

  // One statement; its parameters are $1, $2, ...
  virtual base::Result<std::vector<SqlRow>> Run(std::string_view sql,
                                                std::span<const SqlValue> parameters) = 0;

  // Several statements without parameters, with ; between them.
  virtual base::Status RunScript(std::string_view sql) = 0;
};

// As Run, after a look at the texts among the parameters. kInvalid: one is no UTF-8 or holds a NUL.
base::Result<std::vector<SqlRow>> RunChecked(SqlDatabase& database, std::string_view sql,
                                             std::span<const SqlValue> parameters);

}  // namespace bulkhead::store
