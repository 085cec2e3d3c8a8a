// SPDX-License-Identifier: Apache-2.0
// Any bytes are a setup or an error, and a setup written again has the bytes that came.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "channel/setup.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto setup = bulkhead::channel::DecodeSetup(bytes);
  if (!setup.ok()) return 0;
  const auto written = bulkhead::channel::EncodeSetup(setup.value());
  if (!written.ok() || !std::ranges::equal(written.value(), bytes)) std::abort();
  return 0;
}
