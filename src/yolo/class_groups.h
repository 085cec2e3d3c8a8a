// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bulkhead::yolo {

// Which boxes may suppress each other: those of the same group. Class numbers may be anything;
// groups count from 0 without gaps.
class ClassGroups {
 public:
  // Agnostic: one group for all.
  ClassGroups(std::span<const int> classes, bool class_agnostic);

  [[nodiscard]] std::size_t count() const { return distinct_.size(); }
  [[nodiscard]] std::size_t Of(int class_index) const;

 private:
  std::vector<int> distinct_;
};

}  // namespace bulkhead::yolo
