// SPDX-License-Identifier: Apache-2.0
// From a step and an errno to a sentence that an operator can act on.
#pragma once

#include <string>

#include "base/result.h"
#include "isolation/isolation_driver.h"
#include "isolation/sandbox/attempt.h"

namespace bulkhead::isolation {

// Names the layer, the step, the file where it was about one, the kernel's word, and the way out.
// kExhausted: memory, processes or descriptors ran out; kNotFound: a file is missing; kInvalid: a
// file is of another kind; kUnavailable: everything else.
base::Error Explain(const StepFailure& failure, const LaunchSpec& spec);

// The error of a layer that cannot be had at all.
base::Error LayerMissing(Layer layer, const std::string& reason);

}  // namespace bulkhead::isolation
