// SPDX-License-Identifier: Apache-2.0
#include "planner/byte_text.h"

#include <array>

#include <fmt/format.h>

namespace bulkhead::planner {

std::string ByteText(uint64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.5 and not 1024, so that four digits never show.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const bool fraction = unit >= 2 && value < 9.95;
  return fmt::format("{:.{}f} {}", value, fraction ? 1 : 0, kUnits[unit]);
}

}  // namespace bulkhead::planner
