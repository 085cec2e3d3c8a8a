// SPDX-License-Identifier: Apache-2.0
#include "base/tensor.h"

#include "base/check.h"

namespace bulkhead::base {

std::optional<std::size_t> ElementBytes(ElementType type) {
  switch (type) {
    case ElementType::kBool:
    case ElementType::kUint8:
    case ElementType::kInt8:
      return 1;
    case ElementType::kFloat16:
    case ElementType::kUint16:
    case ElementType::kInt16:
      return 2;
    case ElementType::kFloat32:
    case ElementType::kUint32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kFloat64:
    case ElementType::kUint64:
    case ElementType::kInt64:
      return 8;
    case ElementType::kString:
    case ElementType::kOther:
      return std::nullopt;
  }
  BH_CHECK(false);
}

std::string_view ElementTypeName(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat16:
      return "float16";
    case ElementType::kFloat64:
      return "float64";
    case ElementType::kBool:
      return "bool";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kUint16:
      return "uint16";
    case ElementType::kInt16:
      return "int16";
    case ElementType::kUint32:
      return "uint32";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kUint64:
      return "uint64";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kString:
      return "string";
    case ElementType::kOther:
      return "other";
  }
  BH_CHECK(false);
}

std::string FormatDims(std::span<const int64_t> dims) {
  std::string text;
  for (const int64_t dim : dims) {
    if (!text.empty()) text += 'x';
    text += dim < 0 ? "?" : std::to_string(dim);
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace bulkhead::base
