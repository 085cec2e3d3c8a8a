// SPDX-License-Identifier: Apache-2.0
#include "yolo/class_groups.h"

#include <algorithm>

namespace bulkhead::yolo {

ClassGroups::ClassGroups(std::span<const int> classes, bool class_agnostic) {
  if (class_agnostic) {
    distinct_ = {0};
    return;
  }
  distinct_.assign(classes.begin(), classes.end());
  std::sort(distinct_.begin(), distinct_.end());
  distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
}

std::size_t ClassGroups::Of(int class_index) const {
  if (distinct_.size() == 1) return 0;
  const auto found = std::lower_bound(distinct_.begin(), distinct_.end(), class_index);
  return static_cast<std::size_t>(found - distinct_.begin());
}

}  // namespace bulkhead::yolo
