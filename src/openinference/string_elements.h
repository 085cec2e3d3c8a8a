// SPDX-License-Identifier: Apache-2.0
// Elements of a BYTES tensor: each a length (uint32_t, little-endian) and so many bytes, without
// padding (Triton, docs/protocol/extension_binary_data.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace bulkhead::openinference {

// Takes the first element off `rest`; nullopt: `rest` does not begin with one.
std::optional<std::span<const std::byte>> NextStringElement(std::span<const std::byte>& rest);

// Whether the bytes are exactly `count` elements.
bool AreStringElements(std::span<const std::byte> bytes, std::size_t count);

// Appends one element. It must be shorter than 4 GiB.
void AppendStringElement(std::span<const std::byte> element, std::vector<std::byte>& elements);

}  // namespace bulkhead::openinference
