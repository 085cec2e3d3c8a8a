// SPDX-License-Identifier: Apache-2.0
#include "node/sealing.h"

#include <array>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using testing::HasSubstr;

constexpr uint64_t kPlenty = 1 << 30;
const seal::SealedName kName{"tenantA000000001", "line-3", 2};

class SealingTest : public testing::Test {
 protected:
  base::UniqueFd SealedAs(const seal::SealedName& name, const std::string& text) {
    const base::UniqueFd plain = MemfdOf(text);
    base::UniqueFd file = EmptyFile();
    const auto sealed = sealing_.Seal(name, plain.get(), file.get());
    EXPECT_TRUE(sealed.ok()) << sealed.error().detail;
    return file;
  }

  base::Result<UnsealedModel> Unseal(const base::UniqueFd& file,
                                     const seal::SealedName& name = kName) {
    return sealing_.Unseal({name, kPlenty, "worker"}, file.get());
  }

  // Of what is refused.
  std::optional<Code> CodeOf(const base::UniqueFd& file, const seal::SealedName& name = kName) {
    const auto model = Unseal(file, name);
    return model.ok() ? std::optional<Code>() : model.error().code;
  }

  TestFolder folder_;
  FaultyKeys keys_{folder_.path() + "/keyring"};
  RevokedTenants revoked_ = RevokedTenants::Open(folder_.path() + "/revoked").value();
  std::vector<KeyRelease> released_;
  std::optional<base::Error> record_error_;
  Sealing sealing_{{keys_, "file",
                    [this](const KeyRelease& release) -> base::Status {
                      if (record_error_) return *record_error_;
                      released_.push_back(release);
                      return base::Ok();
                    },
                    revoked_}};
};

TEST_F(SealingTest, GivesAWorkerThePlaintextInAMemfdOfItsSize) {
  const std::string text(200'000, 'w');
  const base::UniqueFd file = SealedAs(kName, text);
  const auto model = Unseal(file);
  ASSERT_TRUE(model.ok()) << model.error().detail;
  const auto bytes = model.value().bytes.bytes();
  EXPECT_TRUE(std::ranges::equal(bytes, std::as_bytes(std::span(text))));
  EXPECT_EQ(ContentOf(model.value().memfd.get()), text.substr(0, 4096));
  EXPECT_NE(::ftruncate(model.value().memfd.get(), 1), 0);
  EXPECT_NE(::ftruncate(model.value().memfd.get(), 1 << 20), 0);
}

TEST_F(SealingTest, WipesThePlaintextForEveryHolderWhenItIsDone) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  auto model = Unseal(file);
  ASSERT_TRUE(model.ok());
  const base::UniqueFd holder(::dup(model.value().memfd.get()));
  EXPECT_EQ(ContentOf(holder.get()), "the model");
  model = base::OperatorError(Code::kInternal, "over");
  EXPECT_EQ(ContentOf(holder.get()), std::string(9, '\0'));
}

TEST_F(SealingTest, SaysWhatItSealedAndNamesTheTenantsKey) {
  const base::UniqueFd plain = MemfdOf("abc");
  const base::UniqueFd file = EmptyFile();
  const auto sealed = sealing_.Seal(kName, plain.get(), file.get());
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(sealed.value().plain_bytes, 3U);
  EXPECT_EQ(sealed.value().plain_sha256, base::Sha256Of(std::as_bytes(std::span("abc", 3))));
  EXPECT_EQ(sealed.value().key, (seal::KeyName{"file", "ttenant-a000000001"}));
  EXPECT_TRUE(keys_.Describe("ttenant-a000000001").ok());
}

TEST_F(SealingTest, UnsealsNoOtherTenantsModelsOrVersionsFile) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  EXPECT_EQ(CodeOf(file, {"tenantB000000001", "line-3", 2}), Code::kCorrupt);
  EXPECT_EQ(CodeOf(file, {"tenantA000000001", "line-4", 2}), Code::kCorrupt);
  EXPECT_EQ(CodeOf(file, {"tenantA000000001", "line-3", 3}), Code::kCorrupt);
  EXPECT_TRUE(released_.empty()) << "the key was released for the wrong file";
  EXPECT_EQ(CodeOf(file), std::nullopt);
}

TEST_F(SealingTest, UnsealsNothingThatWasChangedWhereverThatIs) {
  const base::UniqueFd file = SealedAs(kName, std::string(70'000, 'w'));
  std::string sealed(100'000, '\0');
  const auto size = ::pread(file.get(), sealed.data(), sealed.size(), 0);
  ASSERT_GT(size, 70'000);
  for (off_t at = 0; at < size; at += at < 300 ? 1 : 997) {
    const char changed = static_cast<char>(sealed[static_cast<std::size_t>(at)] ^ 1);
    ASSERT_EQ(::pwrite(file.get(), &changed, 1, at), 1);
    EXPECT_TRUE(CodeOf(file).has_value()) << "byte " << at;
    ASSERT_EQ(::pwrite(file.get(), &sealed[static_cast<std::size_t>(at)], 1, at), 1);
  }
  ASSERT_EQ(::ftruncate(file.get(), size - 1), 0);
  EXPECT_EQ(CodeOf(file), Code::kCorrupt);
}

TEST_F(SealingTest, ReleasesNoKeyThatItCannotRecord) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  record_error_ = base::OperatorError(Code::kUnavailable, "the log is full");
  const auto refused = Unseal(file);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("the log is full"));
  record_error_.reset();
  EXPECT_TRUE(Unseal(file).ok());
  ASSERT_EQ(released_.size(), 1U);
  EXPECT_EQ(released_[0].model, kName);
  EXPECT_EQ(released_[0].worker, "worker");
}

TEST_F(SealingTest, SaysThatTheProviderIsDownAndGoesOnAfterwards) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  keys_.SetDown(true);
  EXPECT_EQ(CodeOf(file), Code::kUnavailable);
  keys_.SetDown(false);
  EXPECT_EQ(CodeOf(file), std::nullopt);
}

TEST_F(SealingTest, UnsealsNothingOfARevokedTenantUntilItIsRestored) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  const seal::SealedName other{"tenantB000000001", "line-3", 2};
  const base::UniqueFd others = SealedAs(other, "another model");
  const auto status = sealing_.Obey({1, KeyAction::kRevoke, kName.tenant});
  ASSERT_TRUE(status.ok());
  EXPECT_TRUE(status.value().revoked);
  EXPECT_TRUE(status.value().exists);
  EXPECT_EQ(CodeOf(file), Code::kDenied);
  const base::UniqueFd plain = MemfdOf("more");
  EXPECT_EQ(sealing_.Seal(kName, plain.get(), EmptyFile().get()).error().code, Code::kDenied);
  EXPECT_EQ(CodeOf(others, other), std::nullopt);
  EXPECT_FALSE(sealing_.Obey({1, KeyAction::kRestore, kName.tenant}).value().revoked);
  EXPECT_EQ(CodeOf(file), std::nullopt);
}

TEST_F(SealingTest, RewritesAHeaderSoThatOldVersionsOfTheKeyCanEnd) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  const base::UniqueFd left = SealedAs({kName.tenant, "line-4", 1}, "left behind");
  EXPECT_EQ(sealing_.Obey({1, KeyAction::kRotate, kName.tenant}).value().newest, 2U);
  const auto header = sealing_.Rewrap(kName, file.get());
  ASSERT_TRUE(header.ok()) << header.error().detail;
  // The bytes of a wrapped key of this provider are always as many.
  const auto& bytes = header.value().header;
  ASSERT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(sealing_.Obey({1, KeyAction::kEndOldVersions, kName.tenant}).value().oldest, 2U);
  EXPECT_EQ(CodeOf(file), std::nullopt);
  EXPECT_EQ(CodeOf(left, {kName.tenant, "line-4", 1}), Code::kNotFound);
}

TEST_F(SealingTest, EndsAllOfATenantWithItsKeyAndNothingOfAnother) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  const seal::SealedName other{"tenantB000000001", "line-3", 2};
  const base::UniqueFd others = SealedAs(other, "another model");
  const auto status = sealing_.Obey({1, KeyAction::kDestroy, kName.tenant});
  ASSERT_TRUE(status.ok());
  EXPECT_FALSE(status.value().exists);
  EXPECT_EQ(CodeOf(file), Code::kNotFound);
  EXPECT_EQ(CodeOf(others, other), std::nullopt);
  const base::UniqueFd plain = MemfdOf("more");
  const auto refused = sealing_.Seal(kName, plain.get(), EmptyFile().get());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().detail, HasSubstr("was destroyed"));
}

TEST_F(SealingTest, SealsNothingButAMemfdIntoAnythingButAnEmptyFile) {
  const base::UniqueFd plain = MemfdOf("the model");
  const base::UniqueFd full = SealedAs(kName, "the model");
  EXPECT_EQ(sealing_.Seal(kName, plain.get(), full.get()).error().code, Code::kInvalid);
  EXPECT_EQ(sealing_.Seal(kName, EmptyFile().get(), EmptyFile().get()).error().code,
            Code::kInvalid);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const base::UniqueFd reader(pipe[0]);
  const base::UniqueFd writer(pipe[1]);
  EXPECT_EQ(sealing_.Seal(kName, plain.get(), writer.get()).error().code, Code::kInvalid);
  EXPECT_EQ(CodeOf(reader), Code::kInvalid);
}

TEST_F(SealingTest, RefusesWhatAWorkerHasNoRoomForBeforeItsKeyIsReleased) {
  const base::UniqueFd file = SealedAs(kName, "the model");
  EXPECT_EQ(sealing_.Unseal({kName, 8, "worker"}, file.get()).error().code, Code::kInvalid);
  EXPECT_TRUE(released_.empty());
  EXPECT_TRUE(sealing_.Unseal({kName, 9, "worker"}, file.get()).ok());
}

}  // namespace
}  // namespace bulkhead::node
