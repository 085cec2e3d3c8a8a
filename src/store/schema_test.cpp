// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "store/sqlite_database.h"

namespace bulkhead::store {
namespace {

constexpr std::string_view kScripts[] = {"CREATE TABLE crew (name TEXT)",
                                         "INSERT INTO crew VALUES ('first'); "
                                         "ALTER TABLE crew ADD COLUMN berth INTEGER",
                                         "UPDATE crew SET berth = 3"};
constexpr std::string_view kBroken[] = {kScripts[0], kScripts[1], "UPDATE ship SET berth = 3"};

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = OpenSqliteDatabase(folder_.path() / "file.db", std::chrono::milliseconds(0));
    ASSERT_TRUE(database.ok()) << database.error().detail;
    database_ = std::move(database).value();
  }

  std::vector<SqlRow> Rows(std::string_view sql) {
    auto rows = database_->Run(sql, {});
    return rows.ok() ? std::move(rows).value() : std::vector<SqlRow>{};
  }

  const base::TestFolder folder_;
  std::unique_ptr<SqlDatabase> database_;
};

TEST_F(SchemaTest, LeadsFromAnyVersionToTheNewestOnce) {
  for (std::size_t version = 1; version <= 3; ++version) {
    for (int again = 0; again < 2; ++again) {
      const auto done = Migrate(*database_, std::span(kScripts).first(version));
      ASSERT_TRUE(done.ok()) << done.error().detail;
    }
  }
  EXPECT_EQ(Rows("SELECT name, berth FROM crew"),
            (std::vector<SqlRow>{{std::string("first"), int64_t{3}}}));
  EXPECT_EQ(Rows("SELECT version FROM bulkhead_schema"), (std::vector<SqlRow>{{int64_t{3}}}));
}

TEST_F(SchemaTest, StaysAtTheOldVersionWhenAStepFails) {
  ASSERT_TRUE(Migrate(*database_, std::span(kScripts).first(1)).ok());
  const auto failed = Migrate(*database_, kBroken);
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().detail, testing::HasSubstr("schema version 3"));
  EXPECT_EQ(Rows("SELECT * FROM crew"), std::vector<SqlRow>{});
  EXPECT_EQ(Rows("SELECT version FROM bulkhead_schema"), (std::vector<SqlRow>{{int64_t{1}}}));
  EXPECT_TRUE(Migrate(*database_, kScripts).ok());
}

TEST_F(SchemaTest, LeavesANewerReleasesTablesAlone) {
  ASSERT_TRUE(Migrate(*database_, kScripts).ok());
  const auto refused = Migrate(*database_, std::span(kScripts).first(2));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::kCorrupt);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("newer release"));
}

TEST(Schema, HasTheSameVersionsInBothDatabasesWords) {
  EXPECT_GE(SqliteSchema().size(), 1U);
  EXPECT_EQ(SqliteSchema().size(), PostgresSchema().size());
}

}  // namespace
}  // namespace bulkhead::store
