// SPDX-License-Identifier: Apache-2.0
#include "tenant/api_key.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/base62.h"
#include "base/crc32.h"

namespace bulkhead::tenant {
namespace {

constexpr int64_t kNow = 1'790'000'000'000;

const ApiKey kKey{.id = {"0123456789ABCDEF"}, .secret = "abcdefghijklmnopqrstuvwxyz012345"};
const std::string kText = "bh_live_0123456789ABCDEF_abcdefghijklmnopqrstuvwxyz012345_";

std::vector<std::byte> Random(unsigned seed) {
  std::vector<std::byte> random(kKeyRandomBytes);
  for (std::byte& byte : random) {
    seed = seed * 1103515245 + 12345;
    byte = static_cast<std::byte>(seed >> 16);
  }
  return random;
}

SecretHmac Hmac(std::string_view secret) {
  constexpr std::byte kPepper[]{std::byte{1}, std::byte{2}};
  return HashSecret(kPepper, secret);
}

TEST(ApiKey, IsWrittenAndReadAsOneWord) {
  const std::string text = FormatApiKey(kKey);
  EXPECT_EQ(text.size(), kKeyTextChars);
  EXPECT_EQ(text, kText + base::FixedBase62(base::Crc32(kText.substr(0, kText.size() - 1)), 6));
  const auto parsed = ParseApiKey(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value(), kKey);
}

TEST(ApiKey, IsRefusedWithAnyOneCharacterChanged) {
  const std::string text = FormatApiKey(kKey);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = text;
      changed[at] = static_cast<char>(value);
      EXPECT_EQ(ParseApiKey(changed).ok(), changed == text) << changed;
    }
  }
}

TEST(ApiKey, IsRefusedInAnyOtherLength) {
  const std::string text = FormatApiKey(kKey);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseApiKey(text.substr(0, size)).ok()) << size;
    EXPECT_FALSE(ParseApiKey(text.substr(text.size() - size)).ok()) << size;
  }
  EXPECT_FALSE(ParseApiKey(text + "0").ok());
  EXPECT_FALSE(ParseApiKey(" " + text).ok());
  EXPECT_FALSE(ParseApiKey(text + '\0').ok());
}

TEST(ApiKey, IsRefusedWithOtherCharactersUnderARightChecksum) {
  for (const char* secret : {"abcdefghijklmnopqrstuvwxyz01234_", "abcdefghijklmnopqrstuvwxyz01234-",
                             "abcdefghijklmnopqrstuvwxyz0123\xc3\xa4"}) {
    EXPECT_FALSE(ParseApiKey(FormatApiKey({.id = kKey.id, .secret = secret})).ok()) << secret;
  }
  EXPECT_FALSE(ParseApiKey(FormatApiKey({.id = {"0123456789ABCDE_"}, .secret = kKey.secret})).ok());
}

TEST(ApiKey, IsNotRepeatedByItsError) {
  const auto parsed = ParseApiKey(kText + "000000");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().detail.find("abcdef"), std::string::npos);
  EXPECT_EQ(parsed.error().public_message.find("abcdef"), std::string::npos);
}

TEST(ApiKey, IsMadeOfChanceAlone) {
  std::set<std::string> texts;
  for (unsigned seed = 0; seed < 100; ++seed) {
    const auto key = MakeApiKey(Random(seed));
    ASSERT_TRUE(key.ok());
    const std::string text = FormatApiKey(key.value());
    const auto parsed = ParseApiKey(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed.value(), key.value());
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 100U);
}

TEST(ApiKey, IsNotMadeOfTooLittleChance) {
  const auto random = Random(1);
  EXPECT_FALSE(MakeApiKey(std::span(random).first(kKeyRandomBytes - 1)).ok());
  EXPECT_FALSE(MakeApiKey(std::vector<std::byte>(kKeyRandomBytes, std::byte{255})).ok());
}

TEST(ApiKey, LeavesAnotherHmacUnderAnotherPepper) {
  constexpr std::byte kOther[]{std::byte{1}, std::byte{3}};
  EXPECT_NE(HashSecret(kOther, kKey.secret), Hmac(kKey.secret));
}

// A tenant and its key at the door.
class Door : public ::testing::Test {
 protected:
  Tenant tenant_{.id = {"tenant0000000001"}, .name = "plant"};
  Key key_{.id = kKey.id, .tenant = tenant_.id, .secret_hmac = Hmac(kKey.secret)};

  KeyVerdict Try(std::string_view secret, int64_t now = kNow) {
    return CheckKey(&key_, &tenant_, Hmac(secret), now);
  }
};

TEST_F(Door, OpensForTheRightSecretOnly) {
  EXPECT_EQ(Try(kKey.secret), KeyVerdict::kAccepted);
  EXPECT_EQ(Try("abcdefghijklmnopqrstuvwxyz012346"), KeyVerdict::kWrongSecret);
  EXPECT_EQ(Try(""), KeyVerdict::kWrongSecret);
}

TEST_F(Door, StaysShutForAKeyThatNobodyKnows) {
  EXPECT_EQ(CheckKey(nullptr, &tenant_, Hmac(kKey.secret), kNow), KeyVerdict::kUnknown);
  EXPECT_EQ(CheckKey(&key_, nullptr, Hmac(kKey.secret), kNow), KeyVerdict::kUnknown);
  EXPECT_EQ(CheckKey(nullptr, nullptr, SecretHmac{}, kNow), KeyVerdict::kUnknown);
}

TEST_F(Door, StaysShutForAnotherTenantsRecord) {
  const Tenant other{.id = {"tenant0000000002"}};
  EXPECT_EQ(CheckKey(&key_, &other, Hmac(kKey.secret), kNow), KeyVerdict::kUnknown);
}

TEST_F(Door, ClosesWithTheMillisecondOfTheExpiry) {
  key_.expires_unix_ms = kNow;
  EXPECT_EQ(Try(kKey.secret, kNow - 1), KeyVerdict::kAccepted);
  EXPECT_EQ(Try(kKey.secret, kNow), KeyVerdict::kExpired);
}

TEST_F(Door, TellsOfASuspensionOnlyToWhoeverHoldsALiveKey) {
  tenant_.suspended = true;
  EXPECT_EQ(Try(kKey.secret), KeyVerdict::kSuspended);
  EXPECT_EQ(Try("wrong"), KeyVerdict::kWrongSecret);
  key_.expires_unix_ms = kNow;
  EXPECT_EQ(Try(kKey.secret), KeyVerdict::kExpired);
}

TEST_F(Door, SaysTheSameToAllWhoseSecretIsNotRight) {
  EXPECT_EQ(KeyRefusal(KeyVerdict::kUnknown), KeyRefusal(KeyVerdict::kWrongSecret));
  EXPECT_EQ(KeyRefusal(KeyVerdict::kUnknown), KeyRefusal(KeyVerdict::kExpired));
  EXPECT_NE(KeyRefusal(KeyVerdict::kUnknown), KeyRefusal(KeyVerdict::kSuspended));
}

TEST_F(Door, TellsTheOperatorEachReasonByItsName) {
  std::set<std::string_view> names;
  for (const KeyVerdict verdict :
       {KeyVerdict::kAccepted, KeyVerdict::kUnknown, KeyVerdict::kWrongSecret, KeyVerdict::kExpired,
        KeyVerdict::kSuspended}) {
    names.insert(KeyVerdictName(verdict));
  }
  EXPECT_EQ(names.size(), 5U);
}

}  // namespace
}  // namespace bulkhead::tenant
