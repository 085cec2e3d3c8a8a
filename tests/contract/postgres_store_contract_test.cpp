// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL store under the contract, against a real server, and what only a server can do.
#include <atomic>
#include <thread>

#include "postgres_server.h"
#include "store/postgres_database.h"
#include "store/postgres_store.h"
#include "store/schema.h"
#include "store/store_over_sql.h"
#include "store_contract.h"

namespace bulkhead::store {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds kPatience{10'000};

// One server for all tests of the program.
class ServerEnvironment final : public testing::Environment {
 public:
  void SetUp() override {
    if (!PostgresServer::Installed()) {
      GTEST_SKIP() << "no PostgreSQL server program on this machine (Debian: postgresql)";
    }
    ASSERT_TRUE(server_.Create());
    RunSql("postgres", "CREATE ROLE keyed LOGIN PASSWORD 'the right one'");
  }
  void TearDown() override { server_.Stop(); }

  PostgresServer& server() { return server_; }

  void RunSql(const std::string& database, std::string_view sql) {
    const auto connection = OpenPostgresDatabase(server_.Conninfo(database), kPatience);
    ASSERT_TRUE(connection.ok()) << connection.error().detail;
    const auto done = connection.value()->RunScript(sql);
    ASSERT_TRUE(done.ok()) << done.error().detail;
  }

 private:
  PostgresServer server_;
};

ServerEnvironment* const environment =
    dynamic_cast<ServerEnvironment*>(testing::AddGlobalTestEnvironment(new ServerEnvironment));

class PostgresPlace final : public StorePlace {
 public:
  PostgresPlace() : name_("store_" + std::to_string(++made)) {
    environment->RunSql("postgres", "CREATE DATABASE " + name_);
  }
  ~PostgresPlace() override {
    environment->RunSql("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)");
  }

  base::Result<std::unique_ptr<Store>> Open() override { return OpenPostgresStore(conninfo()); }
  base::Result<std::unique_ptr<Store>> OpenVersion(std::size_t version) override {
    BH_ASSIGN(auto database, OpenPostgresDatabase(conninfo(), kPatience));
    return OpenStoreOverSql(std::move(database), PostgresSchema().first(version));
  }

  void RunSql(std::string_view sql) { environment->RunSql(name_, sql); }
  [[nodiscard]] std::string conninfo() const { return environment->server().Conninfo(name_); }

 private:
  inline static std::atomic<int> made = 0;
  std::string name_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract,
                         testing::Values(StoreImplementation{
                             "postgres", [] { return std::make_unique<PostgresPlace>(); }}),
                         testing::PrintToStringParamName());

class PostgresStore : public testing::Test {
 protected:
  void SetUp() override {
    auto store = place_.Open();
    ASSERT_TRUE(store.ok()) << store.error().detail;
    store_ = std::move(store).value();
  }

  std::optional<Code> PutTenant(uint64_t revision) {
    const std::vector<Change> changes{Put(ATenant("t" + std::to_string(revision)))};
    const auto applied = store_->Apply(revision, changes);
    if (applied.ok()) return std::nullopt;
    return applied.error().code;
  }

  // Runs `body` (PL/pgSQL) when a tenant is put: at once, or when the transaction ends.
  void WhenATenantIsPut(const std::string& body, bool at_commit = false) {
    place_.RunSql(
        "CREATE SEQUENCE times; CREATE FUNCTION disturb() RETURNS trigger "
        "LANGUAGE plpgsql AS $$ BEGIN " +
        body + " RETURN NEW; END $$");
    place_.RunSql(std::string("CREATE ") + (at_commit ? "CONSTRAINT " : "") +
                  "TRIGGER disturb AFTER INSERT ON tenants " +
                  (at_commit ? "DEFERRABLE INITIALLY DEFERRED " : "") +
                  "FOR EACH ROW EXECUTE FUNCTION disturb()");
  }

  PostgresPlace place_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgresStore, ConnectsAgainWhenItsConnectionWasEnded) {
  ASSERT_EQ(PutTenant(0), std::nullopt);
  place_.RunSql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() AND datname = current_database()");
  EXPECT_EQ(PutTenant(1), std::nullopt);
  EXPECT_EQ(store_->Load().value().tenants.size(), 2U);
}

TEST_F(PostgresStore, SaysThatTheServerIsAwayAndGoesOnWhenItIsBack) {
  environment->server().Stop();
  EXPECT_EQ(PutTenant(0), Code::kUnavailable);
  EXPECT_EQ(store_->Revision().error().code, Code::kUnavailable);
  EXPECT_EQ(place_.Open().error().code, Code::kUnavailable);
  ASSERT_TRUE(environment->server().Start());
  EXPECT_EQ(PutTenant(0), std::nullopt);
}

TEST_F(PostgresStore, TriesAgainWhenItLosesARace) {
  WhenATenantIsPut("IF nextval('times') < 4 THEN RAISE SQLSTATE '40001'; END IF;");
  EXPECT_EQ(PutTenant(0), std::nullopt);
  EXPECT_EQ(store_->Load().value().revision, 1U);
}

TEST_F(PostgresStore, GivesUpWhenItLosesEveryRace) {
  WhenATenantIsPut("RAISE SQLSTATE '40P01';");
  EXPECT_EQ(PutTenant(0), Code::kUnavailable);
  EXPECT_EQ(store_->Load().value().revision, 0U);
}

TEST_F(PostgresStore, TriesAgainWhatWasBrokenBeforeItsEnd) {
  WhenATenantIsPut(
      "IF nextval('times') < 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;");
  EXPECT_EQ(PutTenant(0), std::nullopt);
  EXPECT_EQ(store_->Load().value().revision, 1U);
}

TEST_F(PostgresStore, SaysThatItDoesNotKnowWhatBecameOfABrokenCommit) {
  WhenATenantIsPut(
      "IF nextval('times') < 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;",
      /*at_commit=*/true);
  const std::vector<Change> changes{Put(ATenant("A"))};
  const auto broken = store_->Apply(0, changes);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, Code::kUnavailable);
  EXPECT_THAT(broken.error().detail, HasSubstr("it is unknown whether"));
  EXPECT_TRUE(store_->Apply(0, changes).ok()) << "the server had not committed";
}

TEST_F(PostgresStore, TellsAFullDisk) {
  WhenATenantIsPut("RAISE SQLSTATE '53100';");
  EXPECT_EQ(PutTenant(0), Code::kExhausted);
  EXPECT_EQ(store_->Load().value().revision, 0U);
}

TEST_F(PostgresStore, WaitsForAnotherWriterOnlyAsLongAsItsPatience) {
  // Long enough for a busy machine to do what needs no waiting.
  const auto impatient = OpenPostgresStore(place_.conninfo(), milliseconds(2'000));
  ASSERT_TRUE(impatient.ok()) << impatient.error().detail;
  const auto other = OpenPostgresDatabase(place_.conninfo(), kPatience);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other.value()->RunScript("BEGIN; SELECT * FROM store_state FOR UPDATE").ok());
  const std::vector<Change> changes{Put(ATenant("A"))};
  const auto refused = impatient.value()->Apply(0, changes);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_TRUE(impatient.value()->Load().ok()) << "readers need not wait";
  ASSERT_TRUE(other.value()->RunScript("ROLLBACK").ok());
  EXPECT_TRUE(impatient.value()->Apply(0, changes).ok());
}

TEST_F(PostgresStore, TellsANewerReleasesTables) {
  place_.RunSql("UPDATE bulkhead_schema SET version = 7");
  const auto refused = place_.Open();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kCorrupt);
  EXPECT_THAT(refused.error().detail, HasSubstr("have version 7, of a newer release"));
}

TEST_F(PostgresStore, TellsTablesAndRowsThatAreNotItsOwn) {
  ASSERT_EQ(PutTenant(0), std::nullopt);
  for (const char* damage :
       {"UPDATE tenants SET tiers = 'soggy'", "UPDATE tenants SET deployments = -1",
        "ALTER TABLE tenants ALTER COLUMN tiers TYPE varchar(80)",
        "ALTER TABLE tenants ALTER COLUMN created_unix_ms TYPE float8", "DROP TABLE keys"}) {
    place_.RunSql(damage);
    const auto snapshot = store_->Load();
    ASSERT_FALSE(snapshot.ok()) << damage;
    EXPECT_EQ(snapshot.error().code, Code::kCorrupt) << damage;
    place_.RunSql("UPDATE tenants SET tiers = 'cpu', deployments = NULL");
  }
}

TEST_F(PostgresStore, IsOpenedBySeveralAtOnceAtFirst) {
  PostgresPlace fresh;
  std::vector<std::string> errors(6);
  std::vector<std::thread> threads;
  for (std::string& error : errors) {
    threads.emplace_back([&] {
      const auto store = fresh.Open();
      if (!store.ok()) error = store.error().detail;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(errors, testing::Each(""));
}

TEST_F(PostgresStore, SaysNoPasswordInAnError) {
  const std::string host = "host=" + environment->server().folder().string();
  for (const std::string& conninfo :
       {host + " user=keyed dbname=postgres password=hunter2",
        host + " user=postgres dbname=hunter2 password=hunter2",
        std::string("host=hunter2.invalid password=hunter2"),
        std::string("host=x password=hunter1 hunter2"), std::string("postgres://me:%hunter2@x/"),
        std::string("postgres://me:p@x:99999999?hunter2")}) {
    const auto store = OpenPostgresStore(conninfo);
    ASSERT_FALSE(store.ok()) << conninfo;
    EXPECT_THAT(store.error().detail, Not(HasSubstr("hunter"))) << conninfo;
    EXPECT_THAT(store.error().public_message, Not(HasSubstr("hunter"))) << conninfo;
  }
}

TEST_F(PostgresStore, RefusesADatabaseThatIsNotInUtf8AndARoleThatMayNotMakeTables) {
  environment->RunSql("postgres",
                      "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 "
                      "LOCALE_PROVIDER libc LOCALE 'C'");
  const auto latin = OpenPostgresStore(environment->server().Conninfo("latin"));
  ASSERT_FALSE(latin.ok());
  EXPECT_EQ(latin.error().code, Code::kInvalid) << latin.error().detail;
  PostgresPlace fresh;
  const auto keyed = OpenPostgresStore(fresh.conninfo() + " user=keyed password='the right one'");
  ASSERT_FALSE(keyed.ok());
  EXPECT_EQ(keyed.error().code, Code::kDenied) << keyed.error().detail;
}

}  // namespace
}  // namespace bulkhead::store
