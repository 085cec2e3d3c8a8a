// SPDX-License-Identifier: Apache-2.0
#include "report/class_name.h"

#include <fmt/format.h>

namespace bulkhead::report {

std::string ClassName(const yolo::ModelSpec& spec, int class_index) {
  const auto index = static_cast<std::size_t>(class_index);
  if (class_index < 0 || index >= spec.class_names.size() || spec.class_names[index].empty()) {
    return fmt::format("class {}", class_index);
  }
  return spec.class_names[index];
}

}  // namespace bulkhead::report
