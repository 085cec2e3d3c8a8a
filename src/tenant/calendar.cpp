// SPDX-License-Identifier: Apache-2.0
#include "tenant/calendar.h"

#include <algorithm>

namespace bulkhead::tenant {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kEpochDay = 719'162;  // 1970-01-01, counted from 0001-01-01
constexpr int64_t kDaysPer400Years = 146'097;
constexpr int64_t kMonthsMax = 9999 * 12;

// The first day of a month, counted from 0001-01-01, of the month counted from 0001-01; in the
// Gregorian calendar as if it had always been.
constexpr int64_t FirstDay(int64_t months) {
  constexpr int64_t kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const int64_t years = months / 12;
  const int64_t year = years + 1;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int64_t month = months % 12;
  return years * 365 + years / 4 - years / 100 + years / 400 + kBefore[month] +
         (leap && month >= 2 ? 1 : 0);
}
static_assert(FirstDay(1969 * 12) == kEpochDay);

}  // namespace

Month MonthOf(int64_t unix_ms) {
  const int64_t day = unix_ms / kDayMs - (unix_ms % kDayMs < 0 ? 1 : 0) + kEpochDay;
  const int64_t bounded = std::clamp<int64_t>(day, 0, FirstDay(kMonthsMax) - 1);
  int64_t months = std::min(bounded * 4800 / kDaysPer400Years, kMonthsMax - 1);
  while (FirstDay(months) > bounded) --months;
  while (FirstDay(months + 1) <= bounded) ++months;
  return {.begin_unix_ms = (FirstDay(months) - kEpochDay) * kDayMs,
          .end_unix_ms = (FirstDay(months + 1) - kEpochDay) * kDayMs};
}

}  // namespace bulkhead::tenant
