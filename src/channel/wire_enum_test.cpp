// SPDX-License-Identifier: Apache-2.0
#include "channel/wire_enum.h"

#include <array>

#include <gtest/gtest.h>

#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;

TEST(WireEnum, ReadsBackEveryCode) {
  for (const Code code :
       {Code::kInvalid, Code::kNotFound, Code::kConflict, Code::kDenied, Code::kExhausted,
        Code::kUnsupported, Code::kUnavailable, Code::kCorrupt, Code::kDeadline, Code::kInternal}) {
    EXPECT_EQ(CodeOfWire(WireOf(code)), code);
  }
}

TEST(WireEnum, ReadsBackEveryTaskAndHead) {
  for (const yolo::Task task : kEveryTask) EXPECT_EQ(TaskOfWire(WireOf(task)), task);
  for (const auto head : {yolo::HeadLayout::kAnchorBased, yolo::HeadLayout::kAnchorFree,
                          yolo::HeadLayout::kEndToEnd, yolo::HeadLayout::kClassScores}) {
    EXPECT_EQ(HeadOfWire(WireOf(head)), head);
  }
}

TEST(WireEnum, WritesTheNumbersOfGrpc) {
  EXPECT_EQ(WireOf(Code::kInvalid), 3);
  EXPECT_EQ(WireOf(Code::kDeadline), 4);
  EXPECT_EQ(WireOf(Code::kCorrupt), 15);
}

TEST(WireEnum, KnowsNoOtherNumbers) {
  EXPECT_FALSE(CodeOfWire(0));
  EXPECT_FALSE(CodeOfWire(16));
  EXPECT_FALSE(TaskOfWire(0));
  EXPECT_FALSE(TaskOfWire(6));
  EXPECT_FALSE(HeadOfWire(0));
  EXPECT_FALSE(HeadOfWire(5));
  EXPECT_FALSE(ElementTypeOfWire(0));
  EXPECT_FALSE(ElementTypeOfWire(15));
}

TEST(WireEnum, ReadsBackEveryElementType) {
  for (uint8_t number = 1; number <= 14; ++number) {
    const auto type = ElementTypeOfWire(number);
    ASSERT_TRUE(type);
    EXPECT_EQ(WireOf(*type), number);
  }
}

}  // namespace
}  // namespace bulkhead::channel
