// SPDX-License-Identifier: Apache-2.0
#include "base/unix_clock.h"

#include <chrono>

namespace bulkhead::base {

int64_t UnixNowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace bulkhead::base
