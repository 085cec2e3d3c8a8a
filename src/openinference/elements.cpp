// SPDX-License-Identifier: Apache-2.0
#include "openinference/elements.h"

#include <charconv>
#include <concepts>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/checked_math.h"

namespace bulkhead::openinference {
namespace {

using base::ElementType;

template <typename T>
bool Append(T value, std::vector<std::byte>& elements) {
  const std::size_t at = elements.size();
  elements.resize(at + sizeof(T));
  std::memcpy(elements.data() + at, &value, sizeof(T));
  return true;
}

template <std::integral To, std::integral From>
bool AppendInRange(From value, std::vector<std::byte>& elements) {
  const std::optional<To> converted = base::CheckedCast<To>(value);
  return converted.has_value() && Append(*converted, elements);
}

template <std::integral From>
bool AppendInteger(ElementType type, From value, std::vector<std::byte>& elements) {
  switch (type) {
    case ElementType::kFloat32:
      return Append(static_cast<float>(value), elements);
    case ElementType::kFloat64:
      return Append(static_cast<double>(value), elements);
    case ElementType::kBool:
      return (value == 0 || value == 1) && Append(static_cast<uint8_t>(value), elements);
    case ElementType::kUint8:
      return AppendInRange<uint8_t>(value, elements);
    case ElementType::kInt8:
      return AppendInRange<int8_t>(value, elements);
    case ElementType::kUint16:
      return AppendInRange<uint16_t>(value, elements);
    case ElementType::kInt16:
      return AppendInRange<int16_t>(value, elements);
    case ElementType::kUint32:
      return AppendInRange<uint32_t>(value, elements);
    case ElementType::kInt32:
      return AppendInRange<int32_t>(value, elements);
    case ElementType::kUint64:
      return AppendInRange<uint64_t>(value, elements);
    case ElementType::kInt64:
      return AppendInRange<int64_t>(value, elements);
    case ElementType::kFloat16:
    case ElementType::kString:
    case ElementType::kOther:
      return false;
  }
  return false;
}

}  // namespace

bool AppendSigned(ElementType type, int64_t value, std::vector<std::byte>& elements) {
  return AppendInteger(type, value, elements);
}

bool AppendUnsigned(ElementType type, uint64_t value, std::vector<std::byte>& elements) {
  return AppendInteger(type, value, elements);
}

bool AppendReal(ElementType type, double value, std::string_view text,
                std::vector<std::byte>& elements) {
  if (type == ElementType::kFloat64) return Append(value, elements);
  if (type != ElementType::kFloat32) return false;
  float nearest = 0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, nearest);
  if (rest != end) return false;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too great is an error; from_chars says the same of both.
    if (value > 1 || value < -1) return false;
    nearest = static_cast<float>(value);
  } else if (error != std::errc()) {
    return false;
  }
  return Append(nearest, elements);
}

bool AppendBool(ElementType type, bool value, std::vector<std::byte>& elements) {
  return type == ElementType::kBool && Append(static_cast<uint8_t>(value), elements);
}

}  // namespace bulkhead::openinference
