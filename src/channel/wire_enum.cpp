// SPDX-License-Identifier: Apache-2.0
#include "channel/wire_enum.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace bulkhead::channel {
namespace {

template <typename E>
struct WireNumber {
  E value;
  uint8_t number;
};

using base::Code;
constexpr std::array kCodes{
    WireNumber<Code>{Code::kInvalid, 3},      WireNumber<Code>{Code::kDeadline, 4},
    WireNumber<Code>{Code::kNotFound, 5},     WireNumber<Code>{Code::kDenied, 7},
    WireNumber<Code>{Code::kExhausted, 8},    WireNumber<Code>{Code::kConflict, 10},
    WireNumber<Code>{Code::kUnsupported, 12}, WireNumber<Code>{Code::kInternal, 13},
    WireNumber<Code>{Code::kUnavailable, 14}, WireNumber<Code>{Code::kCorrupt, 15}};

using yolo::Task;
constexpr std::array kTasks{WireNumber<Task>{Task::kDetect, 1}, WireNumber<Task>{Task::kSegment, 2},
                            WireNumber<Task>{Task::kPose, 3}, WireNumber<Task>{Task::kObb, 4},
                            WireNumber<Task>{Task::kClassify, 5}};

using yolo::HeadLayout;
constexpr std::array kHeads{WireNumber<HeadLayout>{HeadLayout::kAnchorBased, 1},
                            WireNumber<HeadLayout>{HeadLayout::kAnchorFree, 2},
                            WireNumber<HeadLayout>{HeadLayout::kEndToEnd, 3},
                            WireNumber<HeadLayout>{HeadLayout::kClassScores, 4}};

using base::ElementType;
constexpr std::array kElementTypes{WireNumber<ElementType>{ElementType::kFloat32, 1},
                                   WireNumber<ElementType>{ElementType::kFloat16, 2},
                                   WireNumber<ElementType>{ElementType::kFloat64, 3},
                                   WireNumber<ElementType>{ElementType::kBool, 4},
                                   WireNumber<ElementType>{ElementType::kUint8, 5},
                                   WireNumber<ElementType>{ElementType::kInt8, 6},
                                   WireNumber<ElementType>{ElementType::kUint16, 7},
                                   WireNumber<ElementType>{ElementType::kInt16, 8},
                                   WireNumber<ElementType>{ElementType::kUint32, 9},
                                   WireNumber<ElementType>{ElementType::kInt32, 10},
                                   WireNumber<ElementType>{ElementType::kUint64, 11},
                                   WireNumber<ElementType>{ElementType::kInt64, 12},
                                   WireNumber<ElementType>{ElementType::kString, 13},
                                   WireNumber<ElementType>{ElementType::kOther, 14}};

template <typename E, std::size_t n>
std::optional<uint8_t> NumberIn(const std::array<WireNumber<E>, n>& table, E value) {
  const auto* found = std::ranges::find(table, value, &WireNumber<E>::value);
  if (found == table.end()) return std::nullopt;
  return found->number;
}

template <typename E, std::size_t n>
std::optional<E> ValueIn(const std::array<WireNumber<E>, n>& table, uint8_t number) {
  const auto* found = std::ranges::find(table, number, &WireNumber<E>::number);
  if (found == table.end()) return std::nullopt;
  return found->value;
}

uint8_t Known(std::optional<uint8_t> number) {
  BH_CHECK(number);
  return *number;
}

}  // namespace

uint8_t WireOf(Code code) { return Known(NumberIn(kCodes, code)); }
uint8_t WireOf(Task task) { return Known(NumberIn(kTasks, task)); }
uint8_t WireOf(HeadLayout head) { return Known(NumberIn(kHeads, head)); }
uint8_t WireOf(ElementType type) { return Known(NumberIn(kElementTypes, type)); }

std::optional<Code> CodeOfWire(uint8_t value) { return ValueIn(kCodes, value); }
std::optional<Task> TaskOfWire(uint8_t value) { return ValueIn(kTasks, value); }
std::optional<HeadLayout> HeadOfWire(uint8_t value) { return ValueIn(kHeads, value); }
std::optional<ElementType> ElementTypeOfWire(uint8_t value) {
  return ValueIn(kElementTypes, value);
}

}  // namespace bulkhead::channel
