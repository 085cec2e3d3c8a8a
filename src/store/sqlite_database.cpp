// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_database.h"

#include <cerrno>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include <sqlite3.h>

#include "base/checked_math.h"
#include "store/sqlite_file.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Result;
using base::Status;

bool MeansNoRoom(int system_errno) {
  return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

Code ConstraintCode(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Code::kNotFound;
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return Code::kConflict;
    default:
      return Code::kCorrupt;  // our own values keep to the other constraints: the tables are not
                              // ours
  }
}

// sqlite.org/rescode.html
Code CodeOf(int extended, int system_errno) {
  switch (extended & 0xFF) {
    case SQLITE_CONSTRAINT:
      return ConstraintCode(extended);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Code::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Code::kExhausted;
    case SQLITE_IOERR:
      return MeansNoRoom(system_errno) ? Code::kExhausted : Code::kUnavailable;
    case SQLITE_CANTOPEN:
      return system_errno == EACCES ? Code::kDenied : Code::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Code::kDenied;
    case SQLITE_TOOBIG:
      return Code::kInvalid;
    case SQLITE_ERROR:  // of our statements, which are right: a table or column is not there
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
      return Code::kCorrupt;
    default:
      return Code::kInternal;
  }
}

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Whatever happens, the statement is ready for its next use and holds no read lock.
class StatementUse {
 public:
  explicit StatementUse(sqlite3_stmt* statement) : statement_(statement) {}
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  ~StatementUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

// The bytes must outlive the use of the statement.
struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  int operator()(const std::vector<std::byte>& bytes) const {
    if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
};

std::span<const std::byte> ColumnBytes(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, column));
  const auto size = base::CheckedCast<std::size_t>(sqlite3_column_bytes(statement, column));
  return {bytes, bytes == nullptr ? 0 : size.value_or(0)};
}

// False: it is of a type that Bulkhead does not write.
bool ReadColumn(sqlite3_stmt* statement, int column, SqlValue& value) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return true;
    case SQLITE_INTEGER:
      value.emplace<int64_t>(sqlite3_column_int64(statement, column));
      return true;
    case SQLITE_TEXT: {
      const auto bytes = ColumnBytes(statement, column);
      value.emplace<std::string>(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return true;
    }
    case SQLITE_BLOB: {
      const auto bytes = ColumnBytes(statement, column);
      value.emplace<std::vector<std::byte>>(bytes.begin(), bytes.end());
      return true;
    }
    default:
      return false;
  }
}

class SqliteDatabase final : public SqlDatabase {
 public:
  Status Open(const std::filesystem::path& path, std::chrono::milliseconds patience) {
    sqlite3* connection = nullptr;
    errno = 0;
    const int opened = sqlite3_open_v2(
        path.c_str(), &connection,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    connection_.reset(connection);
    if (opened != SQLITE_OK) return Failure(opened);
    const int milliseconds = base::CheckedCast<int>(patience.count()).value_or(0);
    sqlite3_busy_timeout(connection, milliseconds);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    BH_TRY(
        RunScript("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
                  "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
    BH_TRY(RefuseAnothers());
    return UseWal(patience);
  }

  Status Transact(Access access, const std::function<Status()>& work) override {
    BH_TRY(RunScript(access == Access::kRead ? "BEGIN" : "BEGIN IMMEDIATE"));
    Status done = work();
    if (done.ok()) done = RunScript("COMMIT");
    // SQLite ends a transaction by itself after some failures.
    if (!done.ok() && sqlite3_get_autocommit(connection_.get()) == 0) {
      static_cast<void>(RunScript("ROLLBACK"));
    }
    return done;
  }

  Result<std::vector<SqlRow>> Run(std::string_view sql,
                                  std::span<const SqlValue> parameters) override {
    BH_ASSIGN(sqlite3_stmt* const statement, Prepare(sql));
    const StatementUse use(statement);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = "$" + std::to_string(i + 1);
      const int index = sqlite3_bind_parameter_index(statement, name.c_str());
      const int bound = std::visit(Binder{statement, index}, parameters[i]);
      if (bound != SQLITE_OK) return Failure(bound);
    }
    std::vector<SqlRow> rows;
    int stepped = SQLITE_ROW;
    errno = 0;
    while ((stepped = sqlite3_step(statement)) == SQLITE_ROW) {
      SqlRow& row = rows.emplace_back();
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        if (!ReadColumn(statement, column, row.emplace_back())) {
          return OperatorError(Code::kCorrupt, "a value is of a type that Bulkhead never writes");
        }
      }
    }
    if (stepped != SQLITE_DONE) return Failure(stepped);
    return rows;
  }

  Status RunScript(std::string_view sql) override {
    const std::string text(sql);
    errno = 0;
    const int done = sqlite3_exec(connection_.get(), text.c_str(), nullptr, nullptr, nullptr);
    if (done != SQLITE_OK) return Failure(done);
    return base::Ok();
  }

 private:
  // To be called at once: SQLite keeps errno to itself only where it opens files, so that the one
  // of a refused write is still the system's.
  base::Error Failure(int extended) {
    const Code code = CodeOf(extended, errno);
    return OperatorError(
        code, connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(extended));
  }

  Result<sqlite3_stmt*> Prepare(std::string_view sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) {
      return known->second.get();
    }
    sqlite3_stmt* statement = nullptr;
    const int prepared = sqlite3_prepare_v3(connection_.get(), std::string(sql).c_str(), -1,
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (prepared != SQLITE_OK) return Failure(prepared);
    return statements_.emplace(sql, Statement(statement)).first->second.get();
  }

  Status RefuseAnothers() {
    BH_ASSIGN(const auto tables,
              Run("SELECT count(*), count(*) FILTER (WHERE name = 'bulkhead_schema') "
                  "FROM sqlite_schema",
                  {}));
    if (tables.front()[0] != SqlValue(int64_t{0}) && tables.front()[1] != SqlValue(int64_t{1})) {
      return OperatorError(Code::kCorrupt, "the file holds another program's tables");
    }
    return base::Ok();
  }

  // SQLite waits for nobody here: of two that open a new file at once, one would fail.
  Status UseWal(std::chrono::milliseconds patience) {
    constexpr int kStepMs = 5;
    for (int64_t waited_ms = 0;; waited_ms += kStepMs) {
      const auto mode = Run("PRAGMA journal_mode = WAL", {});
      if (mode.ok()) {
        if (mode.value().front().front() == SqlValue(std::string("wal"))) return base::Ok();
        return OperatorError(Code::kUnavailable, "the file system does not allow SQLite's WAL");
      }
      if (mode.error().code != Code::kUnavailable || waited_ms >= patience.count()) {
        return mode.error();
      }
      sqlite3_sleep(kStepMs);
    }
  }

  std::unique_ptr<sqlite3, CloseConnection> connection_;
  std::map<std::string, Statement, std::less<>> statements_;  // goes before the connection
};

}  // namespace

Result<std::unique_ptr<SqlDatabase>> OpenSqliteDatabase(const std::filesystem::path& path,
                                                        std::chrono::milliseconds patience) {
  BH_TRY(PrepareSqliteFile(path));
  auto database = std::make_unique<SqliteDatabase>();
  BH_TRY(database->Open(path, patience));
  return std::unique_ptr<SqlDatabase>(std::move(database));
}

}  // namespace bulkhead::store
