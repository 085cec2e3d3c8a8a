// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/tensor.h"

namespace bulkhead::model {

// A type number of ONNX (TensorProto.DataType in onnx.proto): kOther for types that are defined but
// not ours (bfloat16, float8, complex, ...), nullopt for undefined numbers.
std::optional<base::ElementType> FromOnnxType(int64_t number);

}  // namespace bulkhead::model
