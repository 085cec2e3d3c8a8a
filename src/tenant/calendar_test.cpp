// SPDX-License-Identifier: Apache-2.0
#include "tenant/calendar.h"

#include <ctime>

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

// The C library's opinion of the first of a month (month from 0, also above 11).
int64_t First(int year, int month) {
  std::tm tm{};
  tm.tm_year = year - 1900;
  tm.tm_mon = month;
  tm.tm_mday = 1;
  return int64_t{::timegm(&tm)} * 1000;
}

TEST(Calendar, AgreesWithTheCLibraryOnEveryMonthOfTwoThousandYears) {
  for (int year = 1001; year <= 3000; ++year) {
    for (int month = 0; month < 12; ++month) {
      const Month expected{First(year, month), First(year, month + 1)};
      ASSERT_EQ(MonthOf(expected.begin_unix_ms), expected) << year << '-' << month;
      ASSERT_EQ(MonthOf(expected.end_unix_ms - 1), expected) << year << '-' << month;
    }
  }
}

TEST(Calendar, KnowsAMonthByHeart) {
  // 2028-02-29T12:00:00Z, in a leap year.
  const Month month = MonthOf(1'835'438'400'000);
  EXPECT_EQ(month.begin_unix_ms, 1'832'976'000'000);
  EXPECT_EQ(month.end_unix_ms, 1'835'481'600'000);
}

TEST(Calendar, EndsAtItsBoundsForAnyNumber) {
  EXPECT_EQ(MonthOf(INT64_MIN), (Month{First(1, 0), First(1, 1)}));
  EXPECT_EQ(MonthOf(INT64_MAX), (Month{First(9999, 11), First(10000, 0)}));
}

}  // namespace
}  // namespace bulkhead::tenant
