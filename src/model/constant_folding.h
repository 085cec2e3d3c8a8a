// SPDX-License-Identifier: Apache-2.0
// Arithmetic on the small constants that steer shapes.
#pragma once

#include <string_view>

#include "model/shape_rules.h"

namespace bulkhead::model {

// Fills `out`'s values with `op` of two inputs, where both are constant, of one kind, and of equal
// size or one of them single. Leaves it without values where that is not so, where an integer
// result does not fit, or for an operator other than Add, Sub, Mul, Div, Mod, Min, Max, Equal.
void FoldBinary(std::string_view op, const InferredTensor& a, const InferredTensor& b,
                InferredTensor& out);

// The same for Identity, Neg, Floor, Ceil, Sqrt and Cast to out.type.
void FoldUnary(std::string_view op, const InferredTensor& input, InferredTensor& out);

}  // namespace bulkhead::model
