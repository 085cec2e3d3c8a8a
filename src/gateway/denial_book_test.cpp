// SPDX-License-Identifier: Apache-2.0
#include "gateway/denial_book.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

using std::chrono::minutes;

Denial Asking(const std::string& tenant, const std::string& model) {
  return {tenant, audit::EventKind::kAccessDeny, "no such model", "k", model, "203.0.113.7"};
}

TEST(DenialBook, TellsTheFirstAtOnceAndTheOthersAsOneNumber) {
  DenialBook book;
  EXPECT_TRUE(book.Take(minutes(1)).empty());
  for (int i = 0; i < 1000; ++i) book.Add(Asking("city", "line-3"));
  const auto first = book.Take(minutes(2));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].denial, Asking("city", "line-3"));
  EXPECT_EQ(first[0].further, 0U);
  EXPECT_TRUE(book.Take(minutes(3)).empty());
  const auto rest = book.Take(minutes(6));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].further, 999U);
  EXPECT_TRUE(book.Take(minutes(12)).empty());
  book.Add(Asking("city", "line-3"));
  EXPECT_EQ(book.Take(minutes(13)).size(), 1U) << "a new window begins anew";
}

TEST(DenialBook, IsBoundedWhateverATenantSends) {
  DenialBook book;
  EXPECT_TRUE(book.Take(minutes(0)).empty());
  for (int i = 0; i < 10'000; ++i) book.Add(Asking("city", "model-" + std::to_string(i)));
  const auto first = book.Take(minutes(1));
  ASSERT_EQ(first.size(), DenialBook::kDistinctMax + 1);
  EXPECT_EQ(first.back().denial.model, "");
  EXPECT_EQ(first.back().denial.tenant, "city");
  const auto rest = book.Take(minutes(5));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].further, 10'000 - DenialBook::kDistinctMax - 1);
}

TEST(DenialBook, HidesNoTenantBehindAnother) {
  DenialBook book;
  for (int i = 0; i < 10'000; ++i) book.Add(Asking("", "model-" + std::to_string(i)));
  book.Add(Asking("city", "line-3"));
  EXPECT_EQ(book.TakeAll().size(), DenialBook::kDistinctMax + 1 + 1 + 1);
}

}  // namespace
}  // namespace bulkhead::gateway
