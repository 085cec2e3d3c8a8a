// SPDX-License-Identifier: Apache-2.0
#include "openinference/string_elements.h"

#include <cstdint>
#include <cstring>

#include "base/byte_reader.h"
#include "base/check.h"

namespace bulkhead::openinference {

std::optional<std::span<const std::byte>> NextStringElement(std::span<const std::byte>& rest) {
  base::ByteReader reader(rest);
  const auto length = reader.Read<uint32_t>();
  const std::span<const std::byte> element = reader.ReadBytes(length);
  if (!reader.ok()) return std::nullopt;
  rest = rest.subspan(sizeof(length) + element.size());
  return element;
}

bool AreStringElements(std::span<const std::byte> bytes, std::size_t count) {
  if (count > bytes.size() / sizeof(uint32_t)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!NextStringElement(bytes)) return false;
  }
  return bytes.empty();
}

void AppendStringElement(std::span<const std::byte> element, std::vector<std::byte>& elements) {
  BH_CHECK(element.size() <= UINT32_MAX);
  const auto length = static_cast<uint32_t>(element.size());
  const std::size_t at = elements.size();
  elements.resize(at + sizeof(length));
  std::memcpy(elements.data() + at, &length, sizeof(length));
  elements.insert(elements.end(), element.begin(), element.end());
}

}  // namespace bulkhead::openinference
