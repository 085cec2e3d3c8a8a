// SPDX-License-Identifier: Apache-2.0
// The SQLite store under the contract, and what only a file can suffer.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "base/unique_fd.h"
#include "store/schema.h"
#include "store/sqlite_database.h"
#include "store/sqlite_store.h"
#include "store/store_over_sql.h"
#include "store_contract.h"

namespace bulkhead::store {
namespace {

using base::Code;
using std::chrono::milliseconds;

class SqlitePlace final : public StorePlace {
 public:
  base::Result<std::unique_ptr<Store>> Open() override { return OpenSqliteStore(file()); }
  base::Result<std::unique_ptr<Store>> OpenVersion(std::size_t version) override {
    BH_ASSIGN(auto database, OpenSqliteDatabase(file(), milliseconds(0)));
    return OpenStoreOverSql(std::move(database), SqliteSchema().first(version));
  }

  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "bulkhead.db"; }

 private:
  const base::TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract,
                         testing::Values(StoreImplementation{
                             "sqlite", [] { return std::make_unique<SqlitePlace>(); }}),
                         testing::PrintToStringParamName());

class SqliteStore : public testing::Test {
 protected:
  std::optional<base::Error> OpenError() {
    const auto store = place_.Open();
    if (store.ok()) return std::nullopt;
    return store.error();
  }

  void RunSql(std::string_view sql) {
    const auto database = OpenSqliteDatabase(place_.file(), milliseconds(0));
    ASSERT_TRUE(database.ok()) << database.error().detail;
    const auto done = database.value()->RunScript(sql);
    ASSERT_TRUE(done.ok()) << done.error().detail;
  }

  SqlitePlace place_;
};

bool PutTenant(Store& store, uint64_t revision) {
  const std::vector<Change> changes{Put(ATenant("t" + std::to_string(revision)))};
  return store.Apply(revision, changes).ok();
}

TEST_F(SqliteStore, IsForItsOwnerAlone) {
  std::ofstream(place_.file()).close();
  std::filesystem::permissions(place_.file(), std::filesystem::perms(0644));
  const auto store = place_.Open();
  ASSERT_TRUE(store.ok()) << store.error().detail;
  ASSERT_TRUE(PutTenant(*store.value(), 0));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((place_.file().string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << suffix;
  }
}

TEST_F(SqliteStore, RefusesALinkAFolderAndAMissingFolder) {
  std::filesystem::create_symlink(place_.folder() / "elsewhere", place_.file());
  EXPECT_EQ(OpenError().value().code, Code::kInvalid);
  std::filesystem::remove(place_.file());
  std::filesystem::create_directory(place_.file());
  EXPECT_EQ(OpenError().value().code, Code::kInvalid);
  const auto missing = OpenSqliteStore(place_.folder() / "no" / "store.db");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Code::kNotFound);
}

TEST_F(SqliteStore, TellsAFileThatIsNoDatabaseOrAnothers) {
  std::ofstream(place_.file()) << std::string(8192, 'x');
  EXPECT_EQ(OpenError().value().code, Code::kCorrupt);
  std::filesystem::remove(place_.file());
  {
    const auto database = OpenSqliteDatabase(place_.file(), milliseconds(0));
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database.value()->RunScript("CREATE TABLE photos (x)").ok());
  }
  const auto error = OpenError().value();
  EXPECT_EQ(error.code, Code::kCorrupt);
  EXPECT_THAT(error.detail, testing::HasSubstr("another program's"));
}

TEST_F(SqliteStore, TellsADamagedFile) {
  {
    const auto store = place_.Open();
    ASSERT_TRUE(store.ok());
    for (uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(PutTenant(*store.value(), i));
  }
  // Everything behind the first page, which leads to the rest.
  std::fstream file(place_.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  const auto size = std::filesystem::file_size(place_.file());
  file << std::string(size - 4096, '\x5A');
  file.close();
  const auto store = place_.Open();
  if (!store.ok()) {
    EXPECT_EQ(store.error().code, Code::kCorrupt) << store.error().detail;
    return;
  }
  const auto snapshot = store.value()->Load();
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().code, Code::kCorrupt) << snapshot.error().detail;
}

TEST_F(SqliteStore, TellsANewerReleasesTables) {
  ASSERT_EQ(OpenError(), std::nullopt);
  RunSql("UPDATE bulkhead_schema SET version = 7");
  const auto error = OpenError().value();
  EXPECT_EQ(error.code, Code::kCorrupt);
  EXPECT_THAT(error.detail, testing::HasSubstr("have version 7, of a newer release"));
  RunSql("UPDATE bulkhead_schema SET version = 0");
  EXPECT_EQ(OpenError().value().code, Code::kCorrupt);
}

TEST_F(SqliteStore, TellsRowsThatItDoesNotWrite) {
  {
    const auto store = place_.Open();
    ASSERT_TRUE(store.ok());
    const std::vector<Change> changes{Put(ATenant("A")), Put(AKey("K", "A"))};
    ASSERT_TRUE(store.value()->Apply(0, changes).ok());
  }
  const std::pair<const char*, const char*> damages[] = {
      {"UPDATE tenants SET tiers = 'hard,soggy'", "UPDATE tenants SET tiers = 'hard'"},
      {"UPDATE tenants SET tiers = 'hard,'", "UPDATE tenants SET tiers = ''"},
      {"UPDATE tenants SET suspended = 2", "UPDATE tenants SET suspended = 0"},
      {"UPDATE tenants SET deployments = 4294967296", "UPDATE tenants SET deployments = NULL"},
      {"UPDATE tenants SET burst_seconds = -1", "UPDATE tenants SET burst_seconds = 1"},
      {"UPDATE tenants SET name = CAST(x'ff' AS TEXT)", "UPDATE tenants SET name = 'n'"},
      {"UPDATE keys SET scopes = 256", "UPDATE keys SET scopes = 1"},
      {"UPDATE keys SET secret_hmac = zeroblob(31)", "UPDATE keys SET secret_hmac = zeroblob(32)"},
      {"ALTER TABLE keys RENAME COLUMN label TO note", "ALTER TABLE keys RENAME note TO label"},
      {"DELETE FROM store_state", "INSERT INTO store_state VALUES (1, 1)"},
      {"DROP TABLE deployments", "SELECT 1"}};
  for (const auto& [damage, repair] : damages) {
    RunSql(damage);
    const auto store = place_.Open();
    ASSERT_TRUE(store.ok()) << store.error().detail;
    const auto snapshot = store.value()->Load();
    ASSERT_FALSE(snapshot.ok()) << damage;
    EXPECT_EQ(snapshot.error().code, Code::kCorrupt) << damage;
    RunSql(repair);
  }
}

TEST_F(SqliteStore, WaitsForAnotherWriterOnlyAsLongAsItsPatience) {
  ASSERT_EQ(OpenError(), std::nullopt);
  const auto impatient = OpenSqliteStore(place_.file(), milliseconds(1));
  ASSERT_TRUE(impatient.ok()) << impatient.error().detail;
  const auto other = OpenSqliteDatabase(place_.file(), milliseconds(0));
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other.value()->RunScript("BEGIN IMMEDIATE").ok());
  const std::vector<Change> changes{Put(ATenant("A"))};
  const auto refused = impatient.value()->Apply(0, changes);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_TRUE(impatient.value()->Load().ok()) << "readers need not wait";
  ASSERT_TRUE(other.value()->RunScript("ROLLBACK").ok());
  EXPECT_TRUE(impatient.value()->Apply(0, changes).ok());
}

// Runs `work` in a child, which ends with its answer as status; no thread runs at this time.
template <typename Work>
pid_t InChild(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}

int ExitStatus(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqliteStore, IsOpenedByManyProcessesAtOnceAtFirst) {
  for (int round = 0; round < 40; ++round) {
    const SqlitePlace fresh;
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
      children.push_back(InChild([&] {
        ::close(ends[1]);
        char nothing = 0;
        static_cast<void>(::read(ends[0], &nothing, 1));  // until all are let go
        return OpenSqliteStore(fresh.file()).ok() ? 0 : 1;
      }));
    }
    ::close(ends[0]);
    ::close(ends[1]);
    for (const pid_t child : children) EXPECT_EQ(ExitStatus(child), 0);
  }
}

TEST_F(SqliteStore, LosesNoAcknowledgedChangeWhenKilled) {
  uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const base::UniqueFd reader(ends[0]);
    const pid_t child = InChild([&] {
      const auto store = place_.Open();
      for (uint64_t i = acknowledged; store.ok() && PutTenant(*store.value(), i); ++i) {
        if (::write(ends[1], "+", 1) != 1) return 2;
      }
      return 1;
    });
    ::close(ends[1]);
    char sign = 0;
    // Killed in the middle of a change, a different number of changes each time.
    for (int i = 0; i <= round % 5; ++i) {
      ASSERT_EQ(::read(reader.get(), &sign, 1), 1);
      ++acknowledged;
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(ExitStatus(child), -1);
    while (::read(reader.get(), &sign, 1) == 1) ++acknowledged;
    const auto store = place_.Open();
    ASSERT_TRUE(store.ok()) << store.error().detail;
    const auto snapshot = store.value()->Load();
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().detail;
    EXPECT_EQ(snapshot.value().tenants.size(), snapshot.value().revision);
    EXPECT_GE(snapshot.value().revision, acknowledged);
    EXPECT_LE(snapshot.value().revision, acknowledged + 1);
    acknowledged = snapshot.value().revision;
  }
}

TEST_F(SqliteStore, GoesOnAfterTheDiskWasFull) {
  const pid_t child = InChild([&]() -> int {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto store = place_.Open();
    if (!store.ok()) return 1;
    uint64_t revision = 0;
    for (; revision < 5; ++revision) {
      if (!PutTenant(*store.value(), revision)) return 2;
    }
    const rlimit present{std::filesystem::file_size(place_.file().string() + "-wal") + 5000,
                         RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &present) != 0) return 3;
    std::optional<Code> failure;
    while (!failure && revision < 1000) {
      const std::vector<Change> changes{Put(ATenant("t" + std::to_string(revision)))};
      const auto applied = store.value()->Apply(revision, changes);
      if (applied.ok()) {
        ++revision;
      } else {
        failure = applied.error().code;
      }
    }
    if (failure != Code::kExhausted) return 4;
    if (store.value()->Revision().value() != revision) return 5;
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &unlimited) != 0) return 6;
    if (!PutTenant(*store.value(), revision)) return 7;
    const auto snapshot = store.value()->Load();
    return snapshot.ok() && snapshot.value().tenants.size() == revision + 1 ? 0 : 8;
  });
  EXPECT_EQ(ExitStatus(child), 0);
}

}  // namespace
}  // namespace bulkhead::store
