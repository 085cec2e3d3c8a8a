// SPDX-License-Identifier: Apache-2.0
#include "audit/timestamp.h"

#include <algorithm>
#include <chrono>

namespace bulkhead::audit {
namespace {

namespace chrono = std::chrono;

constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
static_assert(kShape.size() == kTimestampChars);

void Put(std::string& text, std::size_t at, std::size_t digits, int64_t value) {
  for (std::size_t digit = at + digits; digit-- > at; value /= 10) {
    text[digit] = static_cast<char>('0' + value % 10);
  }
}

int Number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
  return value;
}

bool HasShape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t at = 0; at < kShape.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (kShape[at] == '0' ? !digit : text[at] != kShape[at]) return false;
  }
  return true;
}

}  // namespace

std::string Timestamp(int64_t unix_ms) {
  const chrono::milliseconds since(std::clamp(unix_ms, int64_t{0}, kUnixMsMax));
  const auto days = chrono::floor<chrono::days>(since);
  const chrono::year_month_day date{chrono::sys_days(days)};
  const int64_t ms = (since - days).count();
  std::string text(kShape);
  Put(text, 0, 4, static_cast<int>(date.year()));
  Put(text, 5, 2, static_cast<unsigned>(date.month()));
  Put(text, 8, 2, static_cast<unsigned>(date.day()));
  Put(text, 11, 2, ms / 3'600'000);
  Put(text, 14, 2, ms / 60'000 % 60);
  Put(text, 17, 2, ms / 1000 % 60);
  Put(text, 20, 3, ms % 1000);
  return text;
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  if (!HasShape(text)) return std::nullopt;
  const chrono::year_month_day date{chrono::year(Number(text, 0, 4)),
                                    chrono::month(static_cast<unsigned>(Number(text, 5, 2))),
                                    chrono::day(static_cast<unsigned>(Number(text, 8, 2)))};
  const int hours = Number(text, 11, 2);
  const int minutes = Number(text, 14, 2);
  const int seconds = Number(text, 17, 2);
  if (!date.ok() || date.year() < chrono::year(1970) || hours > 23 || minutes > 59 ||
      seconds > 59) {
    return std::nullopt;
  }
  const int64_t days = chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hours) * 60 + minutes) * 60'000 + seconds * 1000 + Number(text, 20, 3);
}

}  // namespace bulkhead::audit
