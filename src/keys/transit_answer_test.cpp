// SPDX-License-Identifier: Apache-2.0
#include "keys/transit_answer.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::keys {
namespace {

using base::Code;

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string KeyAnswer(const std::string& versions, const std::string& exportable = "false") {
  return R"({"data":{"type":"aes256-gcm96","derived":true,"exportable":)" + exportable +
         R"(,"allow_plaintext_backup":false,)" + versions + "}}";
}

TEST(TransitAnswer, TellsTheVersionsOfAKey) {
  const auto key = ParseTransitKey(Bytes(
      KeyAnswer(R"("latest_version":7,"min_decryption_version":3,"min_available_version":0)")));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key.value().state, (KeyState{3, 7}));
  EXPECT_TRUE(key.value().ours);
}

TEST(TransitAnswer, CountsTrimmedVersionsAsEnded) {
  const auto key = ParseTransitKey(Bytes(
      KeyAnswer(R"("latest_version":7,"min_decryption_version":0,"min_available_version":5)")));
  EXPECT_EQ(key.value().state, (KeyState{5, 7}));
  EXPECT_EQ(ParseTransitKey(Bytes(KeyAnswer(R"("latest_version":7,"min_decryption_version":0)")))
                .value()
                .state,
            (KeyState{1, 7}));
}

TEST(TransitAnswer, KnowsAKeyThatCanBeReadOut) {
  const auto key =
      ParseTransitKey(Bytes(KeyAnswer(R"("latest_version":1,"min_decryption_version":1)", "true")));
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key.value().ours);
}

TEST(TransitAnswer, RefusesKeysWithoutVersions) {
  for (const char* const versions :
       {R"("latest_version":0,"min_decryption_version":0)", R"("latest_version":1)",
        R"("latest_version":1,"min_decryption_version":2)",
        R"("latest_version":1.5,"min_decryption_version":1)",
        R"("latest_version":4294967297,"min_decryption_version":1)"}) {
    const auto key = ParseTransitKey(Bytes(KeyAnswer(versions)));
    ASSERT_FALSE(key.ok()) << versions;
    EXPECT_EQ(key.error().code, Code::kUnavailable);
  }
}

TEST(TransitAnswer, ReadsTheVersionOfAWrappedKey) {
  EXPECT_EQ(TransitVersion("vault:v12:AAAA"), 12U);
  for (const char* const text :
       {"", "vault:v", "vault:v:AAAA", "vault:v0:AAAA", "vault:v01:AAAA", "vault:v1:", "vault:v1:A",
        "vault:v1:AAAA\"", "Vault:v1:AAAA", "vault:v4294967296:AAAA", "vault:v+1:AAAA"}) {
    EXPECT_EQ(TransitVersion(text), std::nullopt) << text;
  }
  EXPECT_EQ(TransitVersion("vault:v1:" + std::string(kWrappedBytesMax, 'A')), std::nullopt);
}

TEST(TransitAnswer, ShowsErrorsAsPrintableText) {
  EXPECT_EQ(ParseTransitErrors(Bytes(R"({"errors":["a\u001b[2Jb",7,"c"]})")), "a [2Jb; c");
  EXPECT_EQ(ParseTransitErrors(Bytes(R"({"errors":[]})")), "");
  EXPECT_EQ(ParseTransitErrors(Bytes("<html>")), "");
  EXPECT_LE(ParseTransitErrors(Bytes(R"({"errors":[")" + std::string(5000, 'x') + R"("]})")).size(),
            300U);
}

TEST(TransitAnswer, SurvivesDepth) {
  std::string deep(100'000, '[');
  EXPECT_FALSE(ParseTransitKey(Bytes(deep)).ok());
  deep.append(100'000, ']');
  EXPECT_FALSE(ParseTransitKey(Bytes(deep)).ok());
}

}  // namespace
}  // namespace bulkhead::keys
