// SPDX-License-Identifier: Apache-2.0
#include "key_provider_contract.h"

#include <algorithm>
#include <optional>

namespace bulkhead::keys {
namespace {

using base::Code;

const Purpose kPurpose{"0123456789ABCDEF", "line-3", 2};
constexpr std::array<std::byte, kDataKeyBytes> kDataKey{std::byte{7}, std::byte{8}};

template <typename Value>
std::optional<Code> CodeOf(const base::Result<Value>& result) {
  return result.ok() ? std::optional<Code>() : result.error().code;
}

bool IsDataKey(const base::Result<base::SecretBytes>& unwrapped) {
  return unwrapped.ok() && std::ranges::equal(unwrapped.value().bytes(), kDataKey);
}

TEST_P(KeyContract, UnwrapsWhatItWrapped) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey);
  ASSERT_TRUE(wrapped.ok()) << wrapped.error().detail;
  EXPECT_LE(wrapped.value().size(), kWrappedBytesMax);
  EXPECT_TRUE(std::ranges::search(wrapped.value(), kDataKey).empty()) << "it is not wrapped";
  EXPECT_TRUE(IsDataKey(keys_->Unwrap("plant", kPurpose, wrapped.value())));
}

TEST_P(KeyContract, KeepsItsKeysOverARestart) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey).value();
  Reopen();
  EXPECT_TRUE(IsDataKey(keys_->Unwrap("plant", kPurpose, wrapped)));
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{1, 1}));
}

TEST_P(KeyContract, UnwrapsForNoOtherTenantModelVersionOrKey) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  ASSERT_TRUE(keys_->Create("city").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey).value();
  Purpose other = kPurpose;
  other.tenant.back() = 'G';
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", other, wrapped)), Code::kCorrupt);
  other = kPurpose;
  other.model = "line-4";
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", other, wrapped)), Code::kCorrupt);
  other = kPurpose;
  other.version = 3;
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", other, wrapped)), Code::kCorrupt);
  EXPECT_EQ(CodeOf(keys_->Unwrap("city", kPurpose, wrapped)), Code::kCorrupt);
  // Texts that only together look alike are not alike.
  const auto joined = keys_->Wrap("plant", {"ab", "c", 1}, kDataKey).value();
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", {"a", "bc", 1}, joined)), Code::kCorrupt);
}

TEST_P(KeyContract, UnwrapsNothingThatWasChanged) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey).value();
  for (std::size_t at = 0; at < wrapped.size(); ++at) {
    auto changed = wrapped;
    changed[at] ^= std::byte{0x21};
    const auto unwrapped = keys_->Unwrap("plant", kPurpose, changed);
    ASSERT_FALSE(unwrapped.ok()) << "byte " << at;
  }
  for (const std::size_t count : {std::size_t{0}, wrapped.size() - 1}) {
    EXPECT_EQ(CodeOf(keys_->Unwrap("plant", kPurpose, std::span(wrapped).first(count))),
              Code::kCorrupt);
  }
}

TEST_P(KeyContract, TurnsAKeyOverWithoutLosingWhatItWrapped) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  const auto old = keys_->Wrap("plant", kPurpose, kDataKey).value();
  ASSERT_TRUE(keys_->Rotate("plant").ok());
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{1, 2}));
  EXPECT_TRUE(IsDataKey(keys_->Unwrap("plant", kPurpose, old)));
  const auto rewrapped = keys_->Rewrap("plant", kPurpose, old);
  ASSERT_TRUE(rewrapped.ok()) << rewrapped.error().detail;

  ASSERT_TRUE(keys_->EndOldVersions("plant").ok());
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{2, 2}));
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", kPurpose, old)), Code::kNotFound);
  EXPECT_TRUE(IsDataKey(keys_->Unwrap("plant", kPurpose, rewrapped.value())));
  Reopen();
  EXPECT_EQ(CodeOf(keys_->Unwrap("plant", kPurpose, old)), Code::kNotFound);
  EXPECT_TRUE(IsDataKey(keys_->Unwrap("plant", kPurpose, rewrapped.value())));
}

TEST_P(KeyContract, RewrapsOnlyWhatItWouldUnwrap) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey).value();
  EXPECT_EQ(CodeOf(keys_->Rewrap("plant", {"other", "line-3", 2}, wrapped)), Code::kCorrupt);
}

TEST_P(KeyContract, EndsADestroyedKeyForGood) {
  ASSERT_TRUE(keys_->Create("plant").ok());
  ASSERT_TRUE(keys_->Create("city").ok());
  const auto wrapped = keys_->Wrap("plant", kPurpose, kDataKey).value();
  const auto others = keys_->Wrap("city", kPurpose, kDataKey).value();
  ASSERT_TRUE(keys_->Destroy("plant").ok());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(CodeOf(keys_->Unwrap("plant", kPurpose, wrapped)), Code::kNotFound);
    EXPECT_EQ(CodeOf(keys_->Wrap("plant", kPurpose, kDataKey)), Code::kNotFound);
    EXPECT_EQ(CodeOf(keys_->Describe("plant")), Code::kNotFound);
    EXPECT_EQ(CodeOf(keys_->Destroy("plant")), Code::kNotFound);
    EXPECT_EQ(CodeOf(keys_->Create("plant")), Code::kConflict) << "its name was given again";
    EXPECT_TRUE(IsDataKey(keys_->Unwrap("city", kPurpose, others)));
    Reopen();
  }
}

TEST_P(KeyContract, RefusesAKeyThatIsNotThereOrIsThereAlready) {
  EXPECT_EQ(CodeOf(keys_->Describe("plant")), Code::kNotFound);
  EXPECT_EQ(CodeOf(keys_->Wrap("plant", kPurpose, kDataKey)), Code::kNotFound);
  EXPECT_EQ(CodeOf(keys_->Rotate("plant")), Code::kNotFound);
  EXPECT_EQ(CodeOf(keys_->EndOldVersions("plant")), Code::kNotFound);
  ASSERT_TRUE(keys_->Create("plant").ok());
  EXPECT_EQ(CodeOf(keys_->Create("plant")), Code::kConflict);
}

TEST_P(KeyContract, RefusesNamesAndPurposesThatAreNone) {
  for (const std::string& name : {std::string(), std::string("Plant"), std::string("-a"),
                                  std::string("a/b"), std::string("../a"), std::string(65, 'a')}) {
    EXPECT_EQ(CodeOf(keys_->Create(name)), Code::kInvalid) << name;
    EXPECT_EQ(CodeOf(keys_->Describe(name)), Code::kInvalid) << name;
  }
  ASSERT_TRUE(keys_->Create(std::string(64, 'a')).ok());
  EXPECT_EQ(CodeOf(keys_->Wrap(std::string(64, 'a'), {"", "m", 1}, kDataKey)), Code::kInvalid);
  EXPECT_EQ(CodeOf(keys_->Wrap(std::string(64, 'a'), {"t", std::string(257, 'm'), 1}, kDataKey)),
            Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::keys
