// SPDX-License-Identifier: Apache-2.0
#include "store/store_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::store {
namespace {

TEST(StoreUrl, NamesASqliteFileByItsAbsolutePath) {
  for (const char* text : {"sqlite:/var/lib/a b%20?#@.db", "sqlite:///var/lib/a b%20?#@.db"}) {
    const auto url = ParseStoreUrl(text);
    ASSERT_TRUE(url.ok()) << text;
    EXPECT_EQ(std::get<SqliteUrl>(url.value()).path, "/var/lib/a b%20?#@.db");
  }
}

TEST(StoreUrl, HandsAPostgresUrlOnAsItIs) {
  for (const char* text : {"postgres://", "postgresql://me:s%40cret@db.example:5433/bulkhead",
                           "postgres://me@/bulkhead?host=/run/postgresql&sslmode=verify-full",
                           "postgres:///bulkhead?host=/run/postgresql"}) {
    const auto url = ParseStoreUrl(text);
    ASSERT_TRUE(url.ok()) << text;
    EXPECT_EQ(std::get<PostgresUrl>(url.value()).conninfo, text);
  }
}

TEST(StoreUrl, RefusesEverythingElseWithoutRepeatingIt) {
  for (const std::string& text :
       {std::string(""), std::string("secret.db"), std::string("sqlite:"),
        std::string("sqlite:secret.db"), std::string("sqlite://secret/db"),
        std::string("sqlite:////secret"), std::string("sqlite:/secret/"),
        std::string("sqlite:/secret\0.db", 18), std::string("sqlite:/secret\n.db"),
        std::string("mysql://me:secret@host/db"), std::string("postgres:secret"),
        std::string("POSTGRES://secret")}) {
    const auto url = ParseStoreUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().code, base::Code::kInvalid);
    EXPECT_THAT(url.error().detail, testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(StoreUrl, RefusesAPasswordOfWhichLibpqWouldTakeAPartForAHost) {
  for (const char* text :
       {"postgres://me:pass@secret@host/db", "postgres://me:pass/secret@host/db",
        "postgres://me:pass?secret@host/db", "postgres://me@host/db?password=p@secret"}) {
    const auto url = ParseStoreUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_THAT(url.error().detail, testing::HasSubstr("%40"));
    EXPECT_THAT(url.error().detail, testing::Not(testing::HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace bulkhead::store
