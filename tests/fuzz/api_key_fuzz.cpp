// SPDX-License-Identifier: Apache-2.0
// Any text as an API key: parsing ends, and a text that parses is exactly what would be written.
// The same bytes as a key's parts under a right checksum, which the fuzzer would hardly find.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/base62.h"
#include "base/check.h"
#include "tenant/api_key.h"

using bulkhead::base::IsBase62;
using bulkhead::tenant::ApiKey;
using bulkhead::tenant::FormatApiKey;
using bulkhead::tenant::kKeySecretChars;
using bulkhead::tenant::ParseApiKey;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = ParseApiKey(text);
  if (key.ok()) BH_CHECK(FormatApiKey(key.value()) == text);

  const ApiKey made{.id = {std::string(text.substr(0, 16))},
                    .secret = std::string(text.substr(std::min<size_t>(size, 16)))};
  const auto parsed = ParseApiKey(FormatApiKey(made));
  const bool sound = made.id.text.size() == 16 && made.secret.size() == kKeySecretChars &&
                     IsBase62(made.id.text) && IsBase62(made.secret);
  BH_CHECK(parsed.ok() == sound);
  if (sound) BH_CHECK(parsed.value() == made);
  return 0;
}
