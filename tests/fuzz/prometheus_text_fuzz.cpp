// SPDX-License-Identifier: Apache-2.0
// What an exporter answers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "advice/dcgm.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)bulkhead::advice::ReadDcgm({reinterpret_cast<const char*>(data), size});
  return 0;
}
