// SPDX-License-Identifier: Apache-2.0
#include "model/element_type.h"

#include <array>

namespace bulkhead::model {

std::optional<base::ElementType> FromOnnxType(int64_t number) {
  using enum base::ElementType;
  // By number, from 1 on. Beyond 13 come complex and bfloat16, from 17 the types of 8 bits and
  // less; 32 leaves room for the next ones.
  constexpr std::array kTypes = {kFloat32, kUint8, kInt8,    kUint16,  kInt16,  kInt32, kInt64,
                                 kString,  kBool,  kFloat16, kFloat64, kUint32, kUint64};
  constexpr int64_t kLastType = 32;
  if (number < 1 || number > kLastType) return std::nullopt;
  const auto index = static_cast<std::size_t>(number - 1);
  return index < kTypes.size() ? kTypes[index] : kOther;
}

}  // namespace bulkhead::model
