// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bulkhead::tenant {

// A calendar month in UTC.
struct Month {
  int64_t begin_unix_ms = 0;
  int64_t end_unix_ms = 0;  // where the next one begins
  friend bool operator==(const Month&, const Month&) = default;
};

// The month of a time between the years 1 and 9999; beyond, the nearest of those.
[[nodiscard]] Month MonthOf(int64_t unix_ms);

}  // namespace bulkhead::tenant
