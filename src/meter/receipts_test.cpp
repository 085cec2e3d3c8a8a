// SPDX-License-Identifier: Apache-2.0
#include "meter/receipts.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::meter {
namespace {

constexpr std::array kSecret{std::byte{1}, std::byte{2}};
constexpr const char* kLedger = "0123456789abcdef";

TEST(Receipts, AreReadBackByWhoeverHasTheSecret) {
  const Receipts receipts(kLedger, kSecret);
  const RecordId id{.epoch = 7, .sequence = UINT64_MAX - 1};
  EXPECT_EQ(receipts.Text(id).size(), 16U + 1 + 32);
  EXPECT_EQ(receipts.Read(receipts.Text(id)).value(), id);
  EXPECT_EQ(Receipts(kLedger, kSecret).Read(receipts.Text(id)).value(), id);
}

// Of ids that count, neither order nor distance is left.
TEST(Receipts, SayNothingOfTheFramesInBetween) {
  const Receipts receipts(kLedger, kSecret);
  std::set<std::string> texts;
  int rising = 0;
  for (uint64_t sequence = 1; sequence <= 1000; ++sequence) {
    rising += receipts.Text({1, sequence}) < receipts.Text({1, sequence + 1}) ? 1 : 0;
    texts.insert(receipts.Text({1, sequence}).substr(0, 16 + 1 + 16));
  }
  EXPECT_EQ(texts.size(), 1000U);
  EXPECT_GT(rising, 400);
  EXPECT_LT(rising, 600);
}

TEST(Receipts, OfAnotherSecretAreNoRecords) {
  constexpr std::array kOther{std::byte{1}, std::byte{3}};
  const RecordId id{.epoch = 1, .sequence = 1};
  const std::string text = Receipts(kLedger, kOther).Text(id);
  EXPECT_NE(Receipts(kLedger, kSecret).Read(text).value(), id);
}

TEST(Receipts, RefuseWhatIsNone) {
  const Receipts receipts(kLedger, kSecret);
  const std::string good = receipts.Text({1, 1});
  for (const std::string& text :
       {std::string(), std::string(kLedger), good.substr(1), good + "00", good.substr(0, 48),
        "f" + good.substr(1), std::string(kLedger) + "-1-1"}) {
    EXPECT_EQ(receipts.Read(text).error().code, base::Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace bulkhead::meter
