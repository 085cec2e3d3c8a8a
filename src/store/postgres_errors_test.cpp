// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_errors.h"

#include <gtest/gtest.h>

namespace bulkhead::store {
namespace {

using base::Code;

TEST(PostgresErrors, GiveEachStateTheStoresMeaning) {
  const std::pair<const char*, Code> meanings[] = {
      {"", Code::kUnavailable},      {"08006", Code::kUnavailable}, {"22021", Code::kInvalid},
      {"22003", Code::kCorrupt},     {"23502", Code::kCorrupt},     {"23503", Code::kNotFound},
      {"23505", Code::kConflict},    {"25006", Code::kUnavailable}, {"28P01", Code::kDenied},
      {"3D000", Code::kNotFound},    {"40001", Code::kUnavailable}, {"42501", Code::kDenied},
      {"42P01", Code::kCorrupt},     {"53100", Code::kExhausted},   {"53300", Code::kUnavailable},
      {"55P03", Code::kUnavailable}, {"57014", Code::kUnavailable}, {"58030", Code::kUnavailable},
      {"XX001", Code::kCorrupt},     {"XX000", Code::kInternal}};
  for (const auto& [state, code] : meanings) EXPECT_EQ(SqlStateCode(state), code) << state;
}

TEST(PostgresErrors, CallOnlySerializationAndDeadlocksALostRace) {
  EXPECT_TRUE(IsLostRace("40001"));
  EXPECT_TRUE(IsLostRace("40P01"));
  EXPECT_FALSE(IsLostRace("40003"));
  EXPECT_FALSE(IsLostRace(""));
}

TEST(PostgresErrors, AreOneLineWithoutThePassword) {
  EXPECT_EQ(WithoutPassword("no \"pw\"\nand pwpw\n\n", "pw"), "no \"***\" and ******");
  EXPECT_EQ(WithoutPassword("a * b", "*"), "a *** b");
  EXPECT_EQ(WithoutPassword("as it is", ""), "as it is");
}

}  // namespace
}  // namespace bulkhead::store
