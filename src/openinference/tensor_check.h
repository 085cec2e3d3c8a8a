// SPDX-License-Identifier: Apache-2.0
// Whether a tensor's bytes are what its datatype and shape say.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "openinference/limits.h"
#include "openinference/messages.h"

namespace bulkhead::openinference {

// What an unknown datatype's sender may do about it.
base::Error UnknownDatatype(std::string_view input, std::string_view datatype);

// kInvalid, safe for the tenant: too many or negative dimensions, a size that does not fit, bytes
// that are not exactly the elements.
base::Status CheckInput(const Tensor& input, const InferLimits& limits);

// kInvalid: no inputs, too many, two of one name, all together too large; the same of the outputs.
base::Status CheckTensorList(const InferRequest& request, const InferLimits& limits);

}  // namespace bulkhead::openinference
