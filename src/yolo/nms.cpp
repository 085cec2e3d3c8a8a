// SPDX-License-Identifier: Apache-2.0
#include "yolo/nms.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "yolo/class_groups.h"

namespace bulkhead::yolo {
namespace {

struct BoxArea {
  Box box;
  float area = 0;
};

// Without intersection the quotient is 0 or 0/0, and neither is above a threshold.
bool Overlaps(const BoxArea& a, const BoxArea& b, float iou_max) {
  const float width = std::min(a.box.x2, b.box.x2) - std::max(a.box.x1, b.box.x1);
  const float height = std::min(a.box.y2, b.box.y2) - std::max(a.box.y1, b.box.y1);
  if (!(width > 0) || !(height > 0)) return false;
  const float intersection = width * height;
  return intersection / (a.area + b.area - intersection) > iou_max;
}

// A float as an unsigned integer of the same order; minus zero equals zero.
uint32_t OrderedBits(float value) {
  const auto bits = std::bit_cast<uint32_t>(value + 0.0F);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

}  // namespace

std::vector<uint32_t> OrderByScore(std::span<const float> scores) {
  BH_CHECK(scores.size() <= UINT32_MAX);
  std::vector<uint64_t> keys(scores.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = static_cast<uint64_t>(~OrderedBits(scores[i])) << 32U | i;
  }
  std::sort(keys.begin(), keys.end());
  std::vector<uint32_t> order(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) order[i] = static_cast<uint32_t>(keys[i]);
  return order;
}

std::vector<int> SuppressBoxes(std::span<const Box> boxes, std::span<const float> scores,
                               std::span<const int> classes, const NmsOptions& options) {
  BH_CHECK(boxes.size() == scores.size() && boxes.size() == classes.size());
  const ClassGroups groups(classes, options.class_agnostic);
  std::vector<std::vector<BoxArea>> kept_of_group(groups.count());
  std::vector<int> kept;
  for (const uint32_t index : OrderByScore(scores)) {
    if (kept.size() >= static_cast<std::size_t>(std::max(options.keep_max, 0))) break;
    const Box& box = boxes[index];
    const BoxArea candidate{box, (box.x2 - box.x1) * (box.y2 - box.y1)};
    auto& rivals = kept_of_group[groups.Of(classes[index])];
    const bool suppressed = std::any_of(rivals.begin(), rivals.end(), [&](const BoxArea& rival) {
      return Overlaps(rival, candidate, options.iou_max);
    });
    if (suppressed) continue;
    rivals.push_back(candidate);
    kept.push_back(static_cast<int>(index));
  }
  return kept;
}

}  // namespace bulkhead::yolo
