// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace_context.h"

#include <gtest/gtest.h>

namespace bulkhead::telemetry {
namespace {

// The example of the specification.
constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Traceparent, IsWrittenAsItWasRead) {
  const auto context = ParseTraceparent(kExample);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->trace_id[0], 0x4b);
  EXPECT_EQ(context->span_id[7], 0xb7);
  EXPECT_EQ(FormatTraceparent(*context), kExample);
}

TEST(Traceparent, OfALaterVersionMayHaveMoreFields) {
  std::string later(kExample);
  later.replace(0, 2, "01");
  EXPECT_TRUE(ParseTraceparent(later));
  EXPECT_TRUE(ParseTraceparent(later + "-more"));
  EXPECT_FALSE(ParseTraceparent(later + "more"));
}

TEST(Traceparent, IsRefusedWhenItIsNoTrace) {
  const std::string example(kExample);
  EXPECT_FALSE(ParseTraceparent(example + "-more"));
  EXPECT_FALSE(ParseTraceparent(example.substr(0, 54)));
  EXPECT_FALSE(ParseTraceparent("ff" + example.substr(2)));
  EXPECT_FALSE(ParseTraceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  EXPECT_FALSE(ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
  EXPECT_FALSE(ParseTraceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(ParseTraceparent("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"));
}

}  // namespace
}  // namespace bulkhead::telemetry
