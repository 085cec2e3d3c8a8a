// SPDX-License-Identifier: Apache-2.0
// Any text as a query: what is read stays within its limits, and written again it reads the same.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/query.h"

namespace {

using bulkhead::http::ParseQuery;

std::string Escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    escaped += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return escaped;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  const auto fields = ParseQuery(query);
  if (!fields.ok()) {
    BH_CHECK(fields.error().code == bulkhead::base::Code::kInvalid);
    BH_CHECK(!fields.error().public_message.empty());
    return 0;
  }
  BH_CHECK(fields.value().size() <= 32);
  std::string again;
  for (const auto& [name, value] : fields.value()) {
    again += '&' + Escaped(name) + '=' + Escaped(value);
  }
  BH_CHECK(ParseQuery(again).value() == fields.value());
  return 0;
}
