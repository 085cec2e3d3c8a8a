// SPDX-License-Identifier: Apache-2.0
// What a server that calls itself a transit engine may answer.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/check.h"
#include "keys/transit_answer.h"

namespace keys = bulkhead::keys;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto key = keys::ParseTransitKey(bytes);
  if (key.ok()) {
    BH_CHECK(key.value().state.oldest >= 1);
    BH_CHECK(key.value().state.oldest <= key.value().state.newest);
  }
  const auto wrapped = keys::ParseTransitCiphertext(bytes);
  if (wrapped.ok()) BH_CHECK(keys::TransitVersion(wrapped.value()).has_value());
  const auto plain = keys::ParseTransitPlaintext(bytes);
  if (plain.ok()) BH_CHECK(plain.value().bytes().size() == keys::kDataKeyBytes);
  for (const char c : keys::ParseTransitErrors(bytes)) BH_CHECK(c >= ' ' && c <= '~');
  (void)keys::TransitVersion(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
