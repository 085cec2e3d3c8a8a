// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "openinference/messages.h"

namespace bulkhead::openinference {
namespace {

using base::ElementType;

constexpr std::array<std::pair<ElementType, std::string_view>, 13> kNames{{
    {ElementType::kBool, "BOOL"},
    {ElementType::kUint8, "UINT8"},
    {ElementType::kUint16, "UINT16"},
    {ElementType::kUint32, "UINT32"},
    {ElementType::kUint64, "UINT64"},
    {ElementType::kInt8, "INT8"},
    {ElementType::kInt16, "INT16"},
    {ElementType::kInt32, "INT32"},
    {ElementType::kInt64, "INT64"},
    {ElementType::kFloat16, "FP16"},
    {ElementType::kFloat32, "FP32"},
    {ElementType::kFloat64, "FP64"},
    {ElementType::kString, "BYTES"},
}};

}  // namespace

std::optional<std::string_view> DatatypeName(ElementType type) {
  for (const auto& [known, name] : kNames) {
    if (known == type) return name;
  }
  return std::nullopt;
}

std::optional<ElementType> ParseDatatype(std::string_view name) {
  for (const auto& [type, known] : kNames) {
    if (known == name) return type;
  }
  return std::nullopt;
}

}  // namespace bulkhead::openinference
