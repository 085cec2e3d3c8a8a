// SPDX-License-Identifier: Apache-2.0
#include "tenant/admission.h"

#include <utility>

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMarch = 1'772'323'200'000;  // 2026-03-01T00:00:00Z
constexpr int64_t kApril = 1'775'001'600'000;  // 2026-04-01T00:00:00Z

// One tenant under a quota, its requests one after the other.
class TenantStory : public ::testing::Test {
 protected:
  void Under(const Quota& quota) { admission_ = std::make_shared<Admission>(quota, 0); }

  std::optional<Ticket> Ask(uint32_t frames = 1, uint64_t bytes = 0) {
    AdmitResult result = Admit(admission_, now_, {.frames = frames, .bytes = bytes});
    if (auto* const ticket = std::get_if<Ticket>(&result)) return std::move(*ticket);
    refusal_ = std::get<Refusal>(result);
    return std::nullopt;
  }

  std::shared_ptr<Admission> admission_ = std::make_shared<Admission>(Quota{}, 0);
  Now now_{.monotonic_ns = kSecond, .unix_ms = kMarch};
  Refusal refusal_;
};

TEST_F(TenantStory, WithoutLimitsAsksWhatItWants) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Ask(UINT32_MAX, UINT64_MAX));
  EXPECT_TRUE(admission_->Limits(now_).empty());
}

TEST_F(TenantStory, SendsFramesFasterThanAllowedAndIsToldWhenToComeBack) {
  Under({.frames_per_second = 10});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Ask());
  ASSERT_FALSE(Ask());
  EXPECT_EQ(refusal_.limit, Limit::kFramesPerSecond);
  EXPECT_EQ(refusal_.quota, 10U);
  now_.monotonic_ns += refusal_.wait_ns;
  EXPECT_TRUE(Ask());
  EXPECT_FALSE(Ask());
}

TEST_F(TenantStory, IsRefusedForItsBytesAndKeepsItsFrames) {
  Under({.frames_per_second = 10, .bytes_per_second = 1000});
  ASSERT_TRUE(Ask(1, 900));
  ASSERT_FALSE(Ask(4, 300));
  EXPECT_EQ(refusal_.limit, Limit::kBytesPerSecond);
  EXPECT_EQ(refusal_.wait_ns, kSecond / 5);
  EXPECT_EQ(admission_->Limits(now_).front().remaining, 9U);
}

TEST_F(TenantStory, IsToldTheLongestOfSeveralWaits) {
  Under({.frames_per_second = 10, .bytes_per_second = 1000, .frames_per_month = 10});
  const auto ticket = Ask(10, 3000);
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(Ask(1, 1));
  EXPECT_EQ(refusal_.limit, Limit::kFramesPerMonth);
  Under({.frames_per_second = 10, .bytes_per_second = 1000});
  ASSERT_TRUE(Ask(10, 3000));
  EXPECT_FALSE(Ask(1, 1));
  EXPECT_EQ(refusal_.limit, Limit::kBytesPerSecond);
}

TEST_F(TenantStory, RunsSoManyRequestsAtOnce) {
  Under({.requests_in_flight = 2});
  auto first = Ask();
  auto second = Ask();
  ASSERT_TRUE(first && second);
  ASSERT_FALSE(Ask());
  EXPECT_EQ(refusal_.limit, Limit::kRequestsInFlight);
  EXPECT_EQ(refusal_.wait_ns, kSecond);
  first.reset();
  EXPECT_EQ(admission_->in_flight(), 1U);
  EXPECT_TRUE(Ask());
}

TEST_F(TenantStory, UsesItsMonthToTheLastFrame) {
  Under({.frames_per_month = 5});
  auto ticket = Ask(3);
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(Ask(3));
  EXPECT_EQ(refusal_.limit, Limit::kFramesPerMonth);
  EXPECT_EQ(refusal_.wait_ns, (kApril - kMarch) * 1'000'000);
  // One of three failed in the worker, which is not billed.
  ticket->Commit(kMarch, 2);
  EXPECT_EQ(ticket->frames_held(), 1U);
  ticket.reset();
  EXPECT_EQ(admission_->UsedThisMonth(kMarch), 2U);
  ASSERT_TRUE(ticket = Ask(3));
  ticket->Commit(kMarch, 3);
  EXPECT_FALSE(Ask(1));
  now_.unix_ms = kApril;
  EXPECT_TRUE(Ask(5));
}

TEST_F(TenantStory, WillNeverSendMoreAtOnceThanAMonthHolds) {
  Under({.frames_per_month = 5});
  ASSERT_FALSE(Ask(6));
  EXPECT_EQ(refusal_.wait_ns, RateLimit::kNever);
}

TEST_F(TenantStory, GetsTheFramesBackThatDidNotReachIt) {
  Under({.frames_per_month = 1});
  auto ticket = Ask();
  ASSERT_TRUE(ticket);
  ticket->Commit(kMarch, 1);
  ticket.reset();
  ASSERT_FALSE(Ask());
  admission_->TakeBack(kMarch, 1);
  EXPECT_TRUE(Ask());
}

TEST_F(TenantStory, StartsAMonthWhereTheLedgerLeftIt) {
  Under({.frames_per_month = 10});
  admission_->SetUsedThisMonth(kMarch, 9);
  EXPECT_FALSE(Ask(2));
  EXPECT_TRUE(Ask(1));
}

TEST_F(TenantStory, KeepsWhatItUsedWhenItsQuotaChanges) {
  Under({.frames_per_second = 10, .frames_per_month = 10});
  auto ticket = Ask(6);
  ASSERT_TRUE(ticket);
  ticket->Commit(kMarch, 6);
  admission_->SetQuota({.frames_per_second = 10, .frames_per_month = 7}, now_.monotonic_ns);
  EXPECT_FALSE(Ask(2));
  EXPECT_EQ(refusal_.limit, Limit::kFramesPerMonth);
  admission_->SetQuota({.frames_per_second = 10}, now_.monotonic_ns);
  EXPECT_TRUE(Ask(4));
  EXPECT_FALSE(Ask(1));
  EXPECT_EQ(refusal_.limit, Limit::kFramesPerSecond);
  admission_->SetQuota({}, now_.monotonic_ns);
  EXPECT_TRUE(Ask(100));
}

TEST_F(TenantStory, IsDeletedWhileARequestRuns) {
  auto ticket = Ask(2);
  ASSERT_TRUE(ticket);
  admission_.reset();
  ticket->Commit(kMarch, 1);
  ticket.reset();
}

TEST_F(TenantStory, PassesItsTicketOnWithoutLosingIt) {
  Under({.frames_per_month = 3, .requests_in_flight = 1});
  auto ticket = Ask(3);
  ASSERT_TRUE(ticket);
  {
    const Ticket moved = std::move(*ticket);
    ticket.reset();
    EXPECT_EQ(admission_->in_flight(), 1U);
    EXPECT_EQ(moved.frames_held(), 3U);
  }
  EXPECT_EQ(admission_->in_flight(), 0U);
  EXPECT_TRUE(Ask(3));
}

TEST_F(TenantStory, ReadsHowItsLimitsStand) {
  Under({.frames_per_second = 10,
         .bytes_per_second = 100,
         .frames_per_month = 1000,
         .requests_in_flight = 3,
         .burst_seconds = 2});
  now_.unix_ms = kApril - 1500;
  const auto ticket = Ask(5, 200);
  ASSERT_TRUE(ticket);
  const auto limits = admission_->Limits(now_);
  ASSERT_EQ(limits.size(), 4U);
  const auto expect = [&](std::size_t at, Limit limit, uint64_t quota, uint64_t remaining,
                          std::optional<uint64_t> window_s, std::optional<uint64_t> reset_s) {
    EXPECT_EQ(limits[at].limit, limit);
    EXPECT_EQ(limits[at].quota, quota) << at;
    EXPECT_EQ(limits[at].remaining, remaining) << at;
    EXPECT_EQ(limits[at].window_s, window_s) << at;
    EXPECT_EQ(limits[at].reset_s, reset_s) << at;
  };
  expect(0, Limit::kFramesPerSecond, 20, 15, 2, 1);
  expect(1, Limit::kBytesPerSecond, 200, 0, 2, 2);
  expect(2, Limit::kRequestsInFlight, 3, 2, std::nullopt, std::nullopt);
  expect(3, Limit::kFramesPerMonth, 1000, 995, 31U * 24 * 3600, 2);
}

TEST_F(TenantStory, ReadsTheSameTimeInEveryFieldOfARefusal) {
  Under({.frames_per_second = 10, .burst_seconds = 60});
  ASSERT_TRUE(Ask(600));
  ASSERT_FALSE(Ask());
  EXPECT_EQ(admission_->Limits(now_)[0].reset_s, 60U);
  EXPECT_EQ(admission_->Limits(now_, refusal_)[0].reset_s, 1U);
}

TEST_F(TenantStory, MeetsAClockThatWasPutBackByAges) {
  Under({.frames_per_month = 1});
  auto ticket = Ask();
  ASSERT_TRUE(ticket);
  now_.unix_ms = INT64_MIN / 2;
  ASSERT_FALSE(Ask());
  EXPECT_EQ(refusal_.wait_ns, RateLimit::kNever);
}

}  // namespace
}  // namespace bulkhead::tenant
