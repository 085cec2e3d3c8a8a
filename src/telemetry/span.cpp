// SPDX-License-Identifier: Apache-2.0
#include "telemetry/span.h"

#include <cmath>

namespace bulkhead::telemetry {

bool IsAmong(const std::array<uint8_t, 16>& trace_id, double share) {
  uint64_t place = 0;
  for (std::size_t i = 8; i < trace_id.size(); ++i) place = place << 8 | trace_id[i];
  return std::ldexp(static_cast<double>(place >> 1), -63) < share;
}

}  // namespace bulkhead::telemetry
