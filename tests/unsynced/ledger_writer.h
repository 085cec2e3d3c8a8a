// SPDX-License-Identifier: Apache-2.0
// What ledger-writer promises beside its lines.
#pragma once

#include <cstddef>
#include <cstdint>

namespace unsynced {

inline constexpr std::ptrdiff_t kWriterInFlight = 48;  // appended and not yet acknowledged, at most
inline constexpr uint64_t kWriterSegmentBytes = 20'000;

}  // namespace unsynced
