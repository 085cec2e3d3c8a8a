// SPDX-License-Identifier: Apache-2.0
// Numbers of JSON as elements of a tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/tensor.h"

namespace bulkhead::openinference {

// Each appends one element of `type`, or nothing and says false when the type cannot hold the
// value: an integer out of its range, a fraction or an exponent where an integer is meant, a number
// beyond the greatest float. FP16 and BYTES hold no number of JSON. BOOL takes true, false, 1 and
// 0.
bool AppendSigned(base::ElementType type, int64_t value, std::vector<std::byte>& elements);
bool AppendUnsigned(base::ElementType type, uint64_t value, std::vector<std::byte>& elements);
// `text` is the number as written: a float is rounded from it, not from the double.
bool AppendReal(base::ElementType type, double value, std::string_view text,
                std::vector<std::byte>& elements);
bool AppendBool(base::ElementType type, bool value, std::vector<std::byte>& elements);

}  // namespace bulkhead::openinference
