// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bulkhead::base {

// Milliseconds since 1970 (UTC), as the machine's clock has it; may go back.
int64_t UnixNowMs();

}  // namespace bulkhead::base
