// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace bulkhead::base {

// A system call's errno as an error: kNotFound, kDenied, kExhausted (no memory or descriptors) or
// kUnavailable, with the system's own sentence as detail.
Error ErrnoError(int error_number);

}  // namespace bulkhead::base
