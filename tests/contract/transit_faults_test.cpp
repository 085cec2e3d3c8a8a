// SPDX-License-Identifier: Apache-2.0
// What a provider far away can suffer: on the double of tests/transit_double.
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "transit_server.h"

namespace bulkhead::keys {
namespace {

using base::Code;

const Purpose kPurpose{"0123456789ABCDEF", "line-3", 2};
constexpr std::array<std::byte, kDataKeyBytes> kDataKey{std::byte{7}, std::byte{8}};

template <typename Value>
std::optional<Code> CodeOf(const base::Result<Value>& result) {
  return result.ok() ? std::optional<Code>() : result.error().code;
}

class TransitFaults : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.StartDouble());
    Open(server_.Place());
    ASSERT_TRUE(keys_->Create("plant").ok());
    wrapped_ = keys_->Wrap("plant", kPurpose, kDataKey).value();
  }

  void Open(TransitPlace place) { keys_ = OpenTransitProvider(std::move(place)).value(); }

  base::Result<base::SecretBytes> Unwrap() { return keys_->Unwrap("plant", kPurpose, wrapped_); }
  std::optional<Code> Unwrapping() { return CodeOf(Unwrap()); }

  // The next request of a path with `match` gets that.
  void Answer(const std::string& match, int status, const std::string& body) {
    server_.Plan(R"({"match":")" + match + R"(","good":0,"kind":"answer","status":)" +
                 std::to_string(status) + R"(,"body":")" + body + R"("})");
  }
  void Suffer(const std::string& match, const std::string& kind) {
    server_.Plan(R"({"match":")" + match + R"(","good":0,"kind":")" + kind + R"("})");
  }

  TransitServer server_;
  std::unique_ptr<KeyProvider> keys_;
  std::vector<std::byte> wrapped_;
};

TEST_F(TransitFaults, AProviderThatIsDownIsUnavailable) {
  server_.StopDouble();
  EXPECT_EQ(Unwrapping(), Code::kUnavailable);
  EXPECT_EQ(CodeOf(keys_->Create("city")), Code::kUnavailable);
}

TEST_F(TransitFaults, AConnectionThatEndsMidWayIsUnavailableOnce) {
  Suffer("/decrypt/", "drop");
  EXPECT_EQ(Unwrapping(), Code::kUnavailable);
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(TransitFaults, AProviderThatIsSlowIsUnavailable) {
  TransitPlace place = server_.Place();
  place.server.timeout = std::chrono::milliseconds(300);
  Open(std::move(place));
  Suffer("/decrypt/", "stall");
  EXPECT_EQ(Unwrapping(), Code::kUnavailable);
}

TEST_F(TransitFaults, APermissionThatIsLostMidWayIsDenied) {
  Answer("/decrypt/", 403, R"({\"errors\":[\"1 error occurred: permission denied\"]})");
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  server_.WriteToken("hvs.revoked");
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  EXPECT_EQ(CodeOf(keys_->Create("city")), Code::kDenied);
}

TEST_F(TransitFaults, ATokenThatWasRenewedIsTaken) {
  server_.WriteToken("hvs.old");
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  server_.WriteToken("hvs.plant-token");
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(TransitFaults, ATokenThatIsMissingOrOpenToOthersIsDenied) {
  std::filesystem::permissions(server_.folder() / "token", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  std::filesystem::remove(server_.folder() / "token");
  EXPECT_EQ(Unwrapping(), Code::kDenied);
}

TEST_F(TransitFaults, AServerInTroubleIsUnavailable) {
  for (const int status : {500, 502, 503, 429, 412, 404, 418}) {
    Answer("/decrypt/", status, R"({\"errors\":[\"Vault is sealed\"]})");
    EXPECT_EQ(Unwrapping(), Code::kUnavailable) << status;
    EXPECT_EQ(Unwrapping(), std::nullopt);
  }
}

TEST_F(TransitFaults, RedirectsAreNotFollowed) {
  Suffer("/keys/", "redirect");
  const auto unwrapped = Unwrap();
  ASSERT_FALSE(unwrapped.ok());
  EXPECT_EQ(unwrapped.error().code, Code::kUnavailable);
  EXPECT_NE(unwrapped.error().detail.find("redirect"), std::string::npos);
}

TEST_F(TransitFaults, AnswersThatAreTooLargeAreNotRead) {
  Suffer("/decrypt/", "huge");
  const auto unwrapped = Unwrap();
  ASSERT_FALSE(unwrapped.ok());
  EXPECT_EQ(unwrapped.error().code, Code::kUnavailable);
  EXPECT_NE(unwrapped.error().detail.find("more than"), std::string::npos);
}

TEST_F(TransitFaults, WrongAnswersAreUnavailable) {
  for (const char* const body :
       {"", "null", "[]", "<html>", R"({\"data\":null})", R"({\"data\":{\"plaintext\":7}})",
        R"({\"data\":{\"plaintext\":\"AAAA\"}})", R"({\"data\":{\"plaintext\":\"*\"}})"}) {
    Answer("/decrypt/", 200, body);
    EXPECT_EQ(Unwrapping(), Code::kUnavailable) << body;
  }
  Answer("/encrypt/", 200, R"({\"data\":{\"ciphertext\":\"plain\"}})");
  EXPECT_EQ(CodeOf(keys_->Wrap("plant", kPurpose, kDataKey)), Code::kUnavailable);
  Answer("/keys/", 200, R"({\"data\":{\"latest_version\":-1}})");
  EXPECT_EQ(CodeOf(keys_->Describe("plant")), Code::kUnavailable);
}

TEST_F(TransitFaults, AServerThatOthersCertifyIsNotAsked) {
  TransitPlace place = server_.Place();
  place.server.ca.clear();
  Open(std::move(place));
  EXPECT_EQ(Unwrapping(), Code::kUnavailable);
  place = server_.Place();
  // The certificate is for the address.
  place.server.origin.replace(0, std::string("https://127.0.0.1").size(), "https://localhost");
  Open(std::move(place));
  EXPECT_EQ(Unwrapping(), Code::kUnavailable);
}

TEST_F(TransitFaults, AKeyOfAnotherKindIsNotUsed) {
  Answer("/keys/", 200,
         R"({\"data\":{\"latest_version\":1,\"min_decryption_version\":1,\"derived\":true,)"
         R"(\"type\":\"aes256-gcm96\",\"exportable\":true,\"allow_plaintext_backup\":false}})");
  EXPECT_EQ(Unwrapping(), Code::kCorrupt);
}

TEST_F(TransitFaults, ADestructionThatStoppedMidWayCanBeFinished) {
  Answer("/config", 503, "{}");
  EXPECT_EQ(CodeOf(keys_->Destroy("plant")), Code::kUnavailable);
  ASSERT_TRUE(keys_->Destroy("plant").ok());
  EXPECT_EQ(CodeOf(keys_->Create("plant")), Code::kConflict);
}

TEST_F(TransitFaults, WrappingMakesNoKeyOfAName) {
  EXPECT_EQ(CodeOf(keys_->Wrap("city", kPurpose, kDataKey)), Code::kNotFound);
  EXPECT_EQ(CodeOf(keys_->Describe("city")), Code::kNotFound);
}

TEST_F(TransitFaults, AnEngineThatIsNotThereIsUnavailable) {
  TransitPlace place = server_.Place();
  place.mount = "kms/transit";
  Open(std::move(place));
  EXPECT_EQ(CodeOf(keys_->Describe("plant")), Code::kUnavailable);
}

TEST_F(TransitFaults, PlacesThatAreNoneAreRefused) {
  const auto refused = [&](auto change) {
    TransitPlace place = server_.Place();
    change(place);
    return CodeOf(OpenTransitProvider(std::move(place))) == Code::kInvalid;
  };
  EXPECT_TRUE(refused([](TransitPlace& place) { place.mount = "../sys"; }));
  EXPECT_TRUE(refused([](TransitPlace& place) { place.mount = "a//b"; }));
  EXPECT_TRUE(refused([](TransitPlace& place) { place.mount = ""; }));
  EXPECT_TRUE(refused([](TransitPlace& place) { place.prefix = "a/"; }));
  EXPECT_TRUE(refused([](TransitPlace& place) { place.prefix = "-a"; }));
  EXPECT_EQ(CodeOf(keys_->Create("plant-")), Code::kInvalid);
  EXPECT_TRUE(refused([](TransitPlace& place) { place.name_space = "a\r\nb"; }));
  EXPECT_TRUE(refused([](TransitPlace& place) { place.token_file = ""; }));
  for (const char* const origin :
       {"http://vault.example:8200", "ftp://a", "https://", "https://a/b", "https://u@h",
        "http://127.0.0.1.example", "vault:8200"}) {
    EXPECT_TRUE(refused([&](TransitPlace& place) { place.server.origin = origin; })) << origin;
  }
}

}  // namespace
}  // namespace bulkhead::keys
