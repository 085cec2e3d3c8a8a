// SPDX-License-Identifier: Apache-2.0
#include "tenant/rate_limit_headers.h"

#include <vector>

#include <gtest/gtest.h>

#include "tenant/rate_limit.h"

namespace bulkhead::tenant {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(RateLimitHeaders, HaveOneItemPerLimit) {
  const std::vector<LimitState> limits{
      {.limit = Limit::kFramesPerSecond, .quota = 20, .remaining = 12, .window_s = 2, .reset_s = 1},
      {.limit = Limit::kBytesPerSecond, .quota = 9, .remaining = 0, .window_s = 2, .reset_s = 2},
      {.limit = Limit::kRequestsInFlight, .quota = 4, .remaining = 3},
      {.limit = Limit::kFramesPerMonth,
       .quota = 100,
       .remaining = 99,
       .window_s = 2'592'000,
       .reset_s = 86'400}};
  EXPECT_EQ(RateLimitPolicyField(limits),
            "\"frames\";q=20;w=2, \"bytes\";q=9;qu=\"content-bytes\";w=2, "
            "\"in-flight\";q=4;qu=\"concurrent-requests\", \"frames-month\";q=100;w=2592000");
  EXPECT_EQ(RateLimitField(limits),
            "\"frames\";r=12;t=1, \"bytes\";r=0;t=2, \"in-flight\";r=3, "
            "\"frames-month\";r=99;t=86400");
}

TEST(RateLimitHeaders, AreEmptyWithoutLimits) {
  EXPECT_EQ(RateLimitPolicyField({}), "");
  EXPECT_EQ(RateLimitField({}), "");
}

TEST(RateLimitHeaders, HoldNoLargerNumberThanAFieldMay) {
  const LimitState state{.quota = UINT64_MAX, .remaining = UINT64_MAX};
  EXPECT_EQ(RateLimitPolicyField({&state, 1}), "\"frames\";q=999999999999999");
  EXPECT_EQ(RateLimitField({&state, 1}), "\"frames\";r=999999999999999");
}

TEST(RetryAfter, IsRoundedUpToWholeSeconds) {
  EXPECT_EQ(RetryAfterField(1), "1");
  EXPECT_EQ(RetryAfterField(kSecond), "1");
  EXPECT_EQ(RetryAfterField(kSecond + 1), "2");
  EXPECT_EQ(RetryAfterField(0), "1");
  EXPECT_EQ(RetryAfterField(RateLimit::kNever), "2678400");
}

TEST(Refusal, NamesTheLimitAndTheWait) {
  const auto seconds =
      RefusalError({.limit = Limit::kFramesPerSecond, .quota = 20, .wait_ns = kSecond + 1});
  EXPECT_EQ(seconds.code, base::Code::kExhausted);
  EXPECT_EQ(seconds.public_message,
            "the limit of 20 frames per second is reached; try again in 2 s");
  EXPECT_EQ(
      RefusalError({.limit = Limit::kFramesPerMonth, .wait_ns = RateLimit::kNever}).public_message,
      "the limit of 0 frames per calendar month allows no such request");
}

}  // namespace
}  // namespace bulkhead::tenant
