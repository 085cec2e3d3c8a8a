// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "yolo/model_spec.h"

namespace bulkhead::report {

// The class's name, or "class 7" where the model names none.
std::string ClassName(const yolo::ModelSpec& spec, int class_index);

}  // namespace bulkhead::report
