// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::audit {

constexpr std::size_t kTimestampChars = 24;
constexpr int64_t kUnixMsMax = 253'402'300'799'999;  // the end of the year 9999

// RFC 3339 in UTC with milliseconds: 2026-11-23T10:40:25.123Z. What is out of range is brought to
// its end.
[[nodiscard]] std::string Timestamp(int64_t unix_ms);

// Exactly what Timestamp writes, of a day that there is.
[[nodiscard]] std::optional<int64_t> ParseTimestamp(std::string_view text);

}  // namespace bulkhead::audit
