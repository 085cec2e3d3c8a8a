// SPDX-License-Identifier: Apache-2.0
// What every Store promises of metered totals.
#include <cstdint>
#include <thread>

#include "store_contract.h"

namespace bulkhead::store {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr int64_t kHour = 3'600'000;

UsageRow ARow(const std::string& tenant, int64_t hour) {
  return {{tenant}, {"m"}, 1, hour * kHour, "ok", 10, 2'000, 30'000};
}

std::optional<Code> Add(Store& store, uint64_t from, uint64_t to,
                        const std::vector<UsageRow>& rows) {
  const auto added = store.AddUsage("ledger", from, to, rows);
  if (added.ok()) return std::nullopt;
  return added.error().code;
}

std::vector<UsageRow> Totals(Store& store, const UsageQuery& query = {}) {
  auto rows = store.Usage(query);
  EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().detail);
  return rows.ok() ? std::move(rows).value() : std::vector<UsageRow>{};
}

TEST_P(StoreContract, HasCountedNothingAtFirst) {
  EXPECT_EQ(store_->UsageCursor("ledger").value(), 0U);
  EXPECT_THAT(Totals(*store_), IsEmpty());
}

TEST_P(StoreContract, AddsUpWhatIsOfOneHourAndKind) {
  auto failed = ARow("A", 1);
  failed.outcome = "failed";
  auto version = ARow("A", 1);
  version.version = 2;
  ASSERT_EQ(Add(*store_, 0, 3, {ARow("A", 1), failed, ARow("A", 1)}), std::nullopt);
  ASSERT_EQ(Add(*store_, 3, 4, {ARow("A", 1), version, ARow("A", 2)}), std::nullopt);
  auto thrice = ARow("A", 1);
  thrice.frames = 30;
  thrice.bytes_in = 6'000;
  thrice.compute_us = 90'000;
  EXPECT_THAT(Totals(*store_), ElementsAre(failed, thrice, ARow("A", 2), version));
}

TEST_P(StoreContract, OrdersUsageByTenantModelVersionHourAndOutcome) {
  std::vector<UsageRow> rows;
  for (const char* tenant : {"B", "a"}) {
    for (const char* model : {"m-a", "m.a", "m_a", "ma"}) {
      for (const tenant::Version version : {2U, 10U}) {
        for (const int64_t hour : {-1, 0, 9}) {
          for (const char* outcome : {"failed", "ok"}) {
            rows.push_back({{tenant}, {model}, version, hour * kHour, outcome, 1, 1, 1});
          }
        }
      }
    }
  }
  std::vector<UsageRow> backwards(rows.rbegin(), rows.rend());
  ASSERT_EQ(Add(*store_, 0, 1, backwards), std::nullopt);
  EXPECT_THAT(Totals(*store_, {.tenant = {}, .from_unix_ms = -kHour}), ElementsAreArray(rows));
}

TEST_P(StoreContract, AnswersForATenantAndATimeWithoutItsEnd) {
  ASSERT_EQ(Add(*store_, 0, 1, {ARow("A", 1), ARow("A", 2), ARow("A", 3), ARow("B", 2)}),
            std::nullopt);
  EXPECT_THAT(
      Totals(*store_,
             {.tenant = tenant::TenantId{"A"}, .from_unix_ms = 2 * kHour, .to_unix_ms = 3 * kHour}),
      ElementsAre(ARow("A", 2)));
  EXPECT_THAT(Totals(*store_, {.tenant = {}, .from_unix_ms = 2 * kHour, .to_unix_ms = 3 * kHour}),
              ElementsAre(ARow("A", 2), ARow("B", 2)));
  EXPECT_THAT(Totals(*store_, {.tenant = tenant::TenantId{"C"}}), IsEmpty());
}

TEST_P(StoreContract, CountsNothingTwice) {
  ASSERT_EQ(Add(*store_, 0, 5, {ARow("A", 1)}), std::nullopt);
  EXPECT_EQ(store_->UsageCursor("ledger").value(), 5U);
  EXPECT_EQ(Add(*store_, 0, 5, {ARow("A", 1)}), Code::kConflict);
  EXPECT_EQ(Add(*store_, 6, 7, {ARow("A", 1)}), Code::kConflict);
  EXPECT_EQ(store_->UsageCursor("ledger").value(), 5U);
  EXPECT_THAT(Totals(*store_), ElementsAre(ARow("A", 1)));
  EXPECT_EQ(store_->UsageCursor("another").value(), 0U);
}

TEST_P(StoreContract, MovesACursorOnlyOn) {
  EXPECT_EQ(Add(*store_, 0, 0, {ARow("A", 1)}), Code::kInvalid);
  ASSERT_EQ(Add(*store_, 0, 5, {}), std::nullopt);
  EXPECT_EQ(Add(*store_, 5, 4, {ARow("A", 1)}), Code::kInvalid);
  EXPECT_THAT(Totals(*store_), IsEmpty());
}

TEST_P(StoreContract, LetsOneWinOfManyThatCountFromTheSameCursor) {
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 4; ++i) stores.push_back(Open());
  std::vector<std::optional<Code>> failures(stores.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    threads.emplace_back([&, i] { failures[i] = Add(*stores[i], 0, 1, {ARow("A", 1)}); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failures, UnorderedElementsAre(std::nullopt, Code::kConflict, Code::kConflict,
                                             Code::kConflict));
  EXPECT_THAT(Totals(*store_), ElementsAre(ARow("A", 1)));
}

TEST_P(StoreContract, LosesNothingOfLedgersThatCountAtOnce) {
  constexpr uint64_t kTimes = 10;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 4; ++i) stores.push_back(Open());
  std::vector<int> failures(stores.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    threads.emplace_back([&, i] {
      const std::vector<UsageRow> rows{ARow("A", 1)};
      for (uint64_t n = 0; n < kTimes; ++n) {
        failures[i] += stores[i]->AddUsage(std::to_string(i), n, n + 1, rows).ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failures, testing::Each(0));
  const auto totals = Totals(*store_);
  ASSERT_EQ(totals.size(), 1U);
  EXPECT_EQ(totals[0].frames, 10 * kTimes * stores.size());
}

TEST_P(StoreContract, KeepsTotalsAndCursorsUpToTheLargest) {
  auto row = ARow("A", 1);
  row.frames = INT64_MAX;
  row.compute_us = UINT64_MAX;
  row.hour_unix_ms = INT64_MIN;
  ASSERT_EQ(Add(*store_, 0, INT64_MAX, {row}), std::nullopt);
  auto more = row;
  more.compute_us = 0;
  ASSERT_EQ(Add(*store_, INT64_MAX, uint64_t{INT64_MAX} + 1, {more}), std::nullopt);
  auto sum = row;
  sum.frames = UINT64_MAX - 1;
  sum.bytes_in = 4'000;
  EXPECT_THAT(Totals(*store_, {.tenant = {}, .from_unix_ms = INT64_MIN}), ElementsAre(sum));
  EXPECT_EQ(Add(*store_, uint64_t{INT64_MAX} + 1, UINT64_MAX, {row}), Code::kExhausted);
  EXPECT_THAT(Totals(*store_, {.tenant = {}, .from_unix_ms = INT64_MIN}), ElementsAre(sum));
  ASSERT_EQ(Add(*store_, uint64_t{INT64_MAX} + 1, UINT64_MAX, {}), std::nullopt);
  EXPECT_EQ(store_->UsageCursor("ledger").value(), UINT64_MAX);
}

TEST_P(StoreContract, KeepsTheTotalsOfARemovedTenant) {
  ASSERT_EQ(Apply({Put(ATenant("A"))}), std::nullopt);
  ASSERT_EQ(Add(*store_, 0, 1, {ARow("A", 1)}), std::nullopt);
  EXPECT_EQ(store_->Revision().value(), 1U);
  ASSERT_EQ(Apply({RemoveTenant{{"A"}}}), std::nullopt);
  EXPECT_THAT(Totals(*store_), ElementsAre(ARow("A", 1)));
}

TEST_P(StoreContract, RefusesUsageWhoseTextsAreNoUtf8) {
  auto row = ARow("A", 1);
  row.outcome = "\xC3";
  EXPECT_EQ(Add(*store_, 0, 1, {ARow("A", 1), row}), Code::kInvalid);
  EXPECT_THAT(Totals(*store_), IsEmpty());
  EXPECT_EQ(store_->UsageCursor("ledger").value(), 0U);
}

}  // namespace
}  // namespace bulkhead::store
