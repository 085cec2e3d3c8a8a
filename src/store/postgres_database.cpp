// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_database.h"

#include <utility>

#include <libpq-fe.h>

#include "base/checked_math.h"
#include "store/postgres_errors.h"
#include "store/postgres_values.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Result;
using base::Status;

constexpr int kAttempts = 5;

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Connection = std::unique_ptr<PGconn, FinishConnection>;
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

void HearNoNotice(void* /*unused*/, const char* /*message*/) {}

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

// libpq's own word on what it cannot parse repeats it, and may so repeat a part of a password.
Status CheckConninfo(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(conninfo.c_str(), nullptr));
  if (options && conninfo.find('\0') == std::string::npos) return base::Ok();
  return OperatorError(Code::kInvalid, "the connection string is malformed");
}

std::string_view BeginSql(Access access) {
  switch (access) {
    case Access::kRead:
      return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    case Access::kWrite:
      // The row is what writers wait for; each statement behind it sees what the last one wrote.
      return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
             "SELECT revision FROM store_state FOR UPDATE";
    case Access::kMigrate:
      // The number is "bulkhead" in ASCII.
      return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
             "SELECT pg_advisory_xact_lock(7094695996560859492)";
  }
  return "";
}

class PostgresDatabase final : public SqlDatabase {
 public:
  PostgresDatabase(std::string conninfo, std::chrono::milliseconds patience)
      : conninfo_(std::move(conninfo)), patience_(patience) {}

  Status Connect() {
    Status done = ConnectOnce();
    if (!done.ok()) connection_.reset();
    return done;
  }

  Status Transact(Access access, const std::function<Status()>& work) override {
    for (int attempt = 1;; ++attempt) {
      if (lost()) BH_TRY(Connect());
      lost_race_ = false;
      bool ending = false;
      Status done = TransactOnce(access, work, ending);
      if (done.ok()) return done;
      if (ending && lost()) {
        return base::WithContext(done.error(), "it is unknown whether the changes were made");
      }
      if (attempt == kAttempts || !(lost() || lost_race_)) return done;
    }
  }

  Result<std::vector<SqlRow>> Run(std::string_view sql,
                                  std::span<const SqlValue> parameters) override {
    BH_ASSIGN(const PostgresParameters values, PostgresParameters::Make(parameters));
    const QueryResult result(PQexecParams(connection_.get(), std::string(sql).c_str(),
                                          values.count(), values.types(), values.values(),
                                          values.lengths(), values.formats(), /*binary*/ 1));
    BH_TRY(Check(result.get()));
    return Rows(result.get());
  }

  Status RunScript(std::string_view sql) override {
    const QueryResult result(PQexec(connection_.get(), std::string(sql).c_str()));
    return Check(result.get());
  }

 private:
  Status ConnectOnce() {
    // Those behind "dbname" have the last word, those before it leave it to the connection string.
    // The keepalives bound a wait for a server that is gone without a word.
    const char* const names[] = {"connect_timeout",           "keepalives_idle",
                                 "keepalives_interval",       "keepalives_count",
                                 "tcp_user_timeout",          "target_session_attrs",
                                 "fallback_application_name", "dbname",
                                 "client_encoding",           nullptr};
    const char* const values[] = {
        "5", "5", "2", "3", "10000", "read-write", "bulkhead", conninfo_.c_str(), "UTF8", nullptr};
    connection_.reset(PQconnectdbParams(names, values, 1));
    if (!connection_) return OperatorError(Code::kExhausted, "no memory for a connection");
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      return OperatorError(Code::kUnavailable, ConnectionMessage());
    }
    PQsetNoticeProcessor(connection_.get(), HearNoNotice, nullptr);
    if (TextOf(PQparameterStatus(connection_.get(), "server_encoding")) != "UTF8") {
      return OperatorError(Code::kInvalid, "the database's encoding is not UTF8");
    }
    return RunScript(
        "SET synchronous_commit = on; SET client_min_messages = error; "
        "SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = " +
        std::to_string(patience_.count()));
  }

  [[nodiscard]] bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

  // `ending` is set as soon as the server was asked to make the changes last.
  Status TransactOnce(Access access, const std::function<Status()>& work, bool& ending) {
    Status done = RunScript(BeginSql(access));
    if (done.ok()) done = work();
    if (done.ok()) {
      ending = access != Access::kRead;
      const QueryResult result(PQexec(connection_.get(), "COMMIT"));
      done = Check(result.get());
      if (done.ok() && TextOf(PQcmdStatus(result.get())) != "COMMIT") {
        done = OperatorError(Code::kInternal, "the server did not commit");
      }
    } else if (!lost() && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) {
      const bool lost_race = lost_race_;
      if (!RunScript("ROLLBACK").ok()) connection_.reset();  // what state it is in, is unknown
      lost_race_ = lost_race;
    }
    return done;
  }

  std::string ConnectionMessage() {
    return WithoutPassword(TextOf(PQerrorMessage(connection_.get())),
                           TextOf(PQpass(connection_.get())));
  }

  Status Check(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return base::Ok();
    const std::string sqlstate = TextOf(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (sqlstate.empty()) return OperatorError(Code::kUnavailable, ConnectionMessage());
    lost_race_ = IsLostRace(sqlstate);
    return OperatorError(
        SqlStateCode(sqlstate),
        WithoutPassword(TextOf(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
                        TextOf(PQpass(connection_.get()))) +
            " (SQLSTATE " + sqlstate + ")");
  }

  static Result<std::vector<SqlRow>> Rows(const PGresult* result) {
    std::vector<SqlRow> rows;
    for (int i = 0; i < PQntuples(result); ++i) {
      SqlRow& row = rows.emplace_back();
      for (int column = 0; column < PQnfields(result); ++column) {
        SqlValue& value = row.emplace_back();
        if (PQgetisnull(result, i, column) != 0) continue;
        const auto length = base::CheckedCast<std::size_t>(PQgetlength(result, i, column));
        const std::span text(PQgetvalue(result, i, column), length.value_or(0));
        if (!ReadPostgresValue(PQftype(result, column), std::as_bytes(text), value)) {
          return OperatorError(Code::kCorrupt, "a value is of a type that Bulkhead never writes");
        }
      }
    }
    return rows;
  }

  std::string conninfo_;
  std::chrono::milliseconds patience_;
  Connection connection_;
  bool lost_race_ = false;  // by the last statement
};

}  // namespace

Result<std::unique_ptr<SqlDatabase>> OpenPostgresDatabase(const std::string& conninfo,
                                                          std::chrono::milliseconds patience) {
  BH_TRY(CheckConninfo(conninfo));
  auto database = std::make_unique<PostgresDatabase>(conninfo, patience);
  BH_TRY(database->Connect());
  return std::unique_ptr<SqlDatabase>(std::move(database));
}

}  // namespace bulkhead::store
