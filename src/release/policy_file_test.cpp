// SPDX-License-Identifier: Apache-2.0
#include "release/policy_file.h"

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::release {
namespace {

using base::Code;

// The example of docs/formats/key_release_policy.md.
std::string Example() {
  std::ifstream stream(BULKHEAD_SOURCE_DIR "/docs/formats/key_release_policy.md");
  std::ostringstream page;
  page << stream.rdbuf();
  const std::string text = page.str();
  const std::string fence = "```json key-release-policy\n";
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

base::Result<Policy> Parse(const std::string& document) {
  return ParsePolicy(std::as_bytes(std::span(document)));
}

// The example with `before` replaced; `before` must be there.
std::string Changed(const std::string& before, const std::string& after) {
  std::string document = Example();
  const std::size_t at = document.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return document.replace(at, before.size(), after);
}

TEST(PolicyFile, ReadsItsPagesExample) {
  const auto parsed = Parse(Example());
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  const Policy& policy = parsed.value();
  EXPECT_EQ(policy.tenant, "0123456789ABCDEF");
  ASSERT_TRUE(policy.workers.has_value());
  EXPECT_EQ(policy.workers->begin()->front(), std::byte{0x11});
  EXPECT_EQ(policy.minimum_tier, device::Tier::kDedicated);
  EXPECT_EQ(policy.nodes, (std::set<std::string>{"press-hall-1", "press-hall-2"}));
  ASSERT_TRUE(policy.attestation.has_value());
  EXPECT_EQ(policy.attestation->keys.begin()->front(), std::byte{0x22});
  EXPECT_EQ(policy.attestation->pcrs.at(7).back(), std::byte{0x33});
}

TEST(PolicyFile, ReadsAnyAndNone) {
  const auto parsed = Parse(R"({"format":"bulkhead-key-release-policy","version":1,"tenant":"t",)"
                            R"("workers":"any","minimum_tier":"soft","nodes":"any",)"
                            R"("attestation":"none"})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  EXPECT_FALSE(parsed.value().workers.has_value());
  EXPECT_FALSE(parsed.value().nodes.has_value());
  EXPECT_FALSE(parsed.value().attestation.has_value());
}

TEST(PolicyFile, RefusesWhatIsNoneAndSaysWhere) {
  const std::string node = R"("press-hall-1", "press-hall-2")";
  const std::string pcr = "3333333333333333333333333333333333333333333333333333333333333333";
  for (const auto& [before, after, field] : std::vector<std::array<std::string, 3>>{
           {"bulkhead-key-release-policy", "another", "format"},
           {"\"version\": 1", "\"version\": -1", "version"},
           {"\"version\": 1", "\"version\": 1, \"more\": 1", "document"},
           {"\"tenant\": \"0123456789ABCDEF\",", "", "tenant is missing"},
           {"0123456789ABCDEF", "", "tenant"},
           {"0123456789ABCDEF", "a\\u0000b", "tenant"},
           {"sha256:1111", "sha256:111G", "workers"},
           {"sha256:1111", "sha512:1111", "workers"},
           {"sha256:1111", "sha256:11", "workers"},
           {"dedicated", "strong", "minimum_tier"},
           {node, "", "nodes"},
           {node, "\"a\", \"a\"", "twice"},
           {node, "7", "nodes"},
           {"tpm2", "tpm1", "attestation.kind"},
           {"\"7\"", "\"24\"", "attestation.pcrs"},
           {"\"7\"", "\"07\"", "attestation.pcrs"},
           {"\"7\"", "\"-7\"", "attestation.pcrs"},
           {pcr, pcr.substr(1), "attestation.pcrs"},
           {"\"kind\": \"tpm2\",", "\"kind\": \"tpm2\", \"kind\": \"tpm2\",", "twice"}}) {
    const auto parsed = Parse(Changed(before, after));
    ASSERT_FALSE(parsed.ok()) << after;
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
    EXPECT_NE(parsed.error().detail.find(field), std::string::npos) << parsed.error().detail;
  }
}

TEST(PolicyFile, TellsANewerVersionFromAWrongOne) {
  const auto parsed = Parse(Changed("\"version\": 1", "\"version\": 2"));
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, Code::kUnsupported);
}

TEST(PolicyFile, RefusesEveryTruncation) {
  const std::string whole = Example();
  const std::size_t end = whole.find_last_of('}');
  for (std::size_t size = 0; size < end; size += 7) {
    EXPECT_FALSE(Parse(whole.substr(0, size)).ok()) << size;
  }
}

TEST(PolicyFile, RefusesDepthAndLength) {
  EXPECT_FALSE(Parse(std::string(60'000, '[')).ok());
  EXPECT_FALSE(Parse(Example() + std::string(kPolicyBytesMax, ' ')).ok());
}

}  // namespace
}  // namespace bulkhead::release
