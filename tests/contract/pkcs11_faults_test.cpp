// SPDX-License-Identifier: Apache-2.0
// What a token can suffer: on SoftHSM2 itself, and on it behind tests/faulty_pkcs11.
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#define CRYPTOKI_COMPAT
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <p11-kit/pkcs11.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_pkcs11/faulty_pkcs11.h"
#include "keys/pkcs11_token.h"
#include "softhsm.h"

namespace bulkhead::keys {
namespace {

using base::Code;

const Purpose kPurpose{"0123456789ABCDEF", "line-3", 2};
constexpr std::array<std::byte, kDataKeyBytes> kDataKey{std::byte{7}, std::byte{8}};

template <typename Value>
std::optional<Code> CodeOf(const base::Result<Value>& result) {
  return result.ok() ? std::optional<Code>() : result.error().code;
}

class Pkcs11Faults : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(hsm_.MakeToken("bulkhead"));
    double_ = ::dlopen(BULKHEAD_FAULTY_PKCS11, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(double_, nullptr) << ::dlerror();
    fail_ = Control<decltype(&FaultyPkcs11Fail)>("FaultyPkcs11Fail");
    flags_ = Control<decltype(&FaultyPkcs11TokenFlags)>("FaultyPkcs11TokenFlags");
    logins_ = Control<decltype(&FaultyPkcs11Logins)>("FaultyPkcs11Logins");
    Control<decltype(&FaultyPkcs11Heal)>("FaultyPkcs11Heal")();
    flags_(0);
    logins_();
  }

  template <typename Function>
  Function Control(const char* name) {
    return reinterpret_cast<Function>(::dlsym(double_, name));
  }

  base::Result<std::unique_ptr<KeyProvider>> Open(std::string_view pin = SoftHsm::kPin) {
    keys_.reset();
    Pkcs11Place place = hsm_.Place(pin);
    place.module = BULKHEAD_FAULTY_PKCS11;
    return OpenPkcs11Provider(std::move(place));
  }

  void OpenWithKey() {
    auto opened = Open();
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    keys_ = std::move(opened).value();
    ASSERT_TRUE(keys_->Create("plant").ok());
    wrapped_ = keys_->Wrap("plant", kPurpose, kDataKey).value();
    logins_();
  }

  std::optional<Code> Unwrapping() {
    const auto unwrapped = keys_->Unwrap("plant", kPurpose, wrapped_);
    EXPECT_TRUE(!unwrapped.ok() || std::ranges::equal(unwrapped.value().bytes(), kDataKey));
    return CodeOf(unwrapped);
  }

  // The session ends between two calls.
  void Lose() { fail_("C_GetSessionInfo", 0, CKR_SESSION_HANDLE_INVALID); }

  // The ids of what is on the token for the key "plant".
  std::vector<uint32_t> Objects() {
    std::vector<uint32_t> versions;
    WithToken([&](Pkcs11Token& token) {
      const std::vector<TokenKey> keys = token.Find("bulkhead plant").value();
      for (const TokenKey& key : keys) versions.push_back(key.version);
    });
    return versions;
  }

  // Puts a key there whose value we know, as whoever has the PIN can.
  void Plant(const std::string& label) {
    auto module = Pkcs11Module::Load(SoftHsm::Module()).value();
    CK_FUNCTION_LIST& calls = module->calls();
    CK_ULONG count = 4;
    std::array<CK_SLOT_ID, 4> slots{};
    ASSERT_EQ(calls.C_GetSlotList(CK_TRUE, slots.data(), &count), CKR_OK);
    CK_SESSION_HANDLE session = 0;
    ASSERT_EQ(calls.C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                  &session),
              CKR_OK);
    CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE;
    std::array<CK_BYTE, 4> id{0, 0, 0, 1};
    std::array<CK_BYTE, 32> value{9};
    std::string name = label;
    std::array made{CK_ATTRIBUTE{CKA_CLASS, &secret, sizeof(secret)},
                    CK_ATTRIBUTE{CKA_KEY_TYPE, &type, sizeof(type)},
                    CK_ATTRIBUTE{CKA_TOKEN, &yes, sizeof(yes)},
                    CK_ATTRIBUTE{CKA_SIGN, &yes, sizeof(yes)},
                    CK_ATTRIBUTE{CKA_LABEL, name.data(), name.size()},
                    CK_ATTRIBUTE{CKA_ID, id.data(), id.size()},
                    CK_ATTRIBUTE{CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE object = 0;
    ASSERT_EQ(calls.C_CreateObject(session, made.data(), made.size(), &object), CKR_OK);
    calls.C_CloseSession(session);
  }

  template <typename Use>
  void WithToken(Use use) {
    Pkcs11Place place = hsm_.Place();
    Pkcs11Token token(Pkcs11Module::Load(place.module).value(), place.token, "",
                      std::move(place.pin));
    ASSERT_TRUE(token.Ready().ok());
    use(token);
  }

  SoftHsm hsm_;
  void* double_ = nullptr;
  decltype(&FaultyPkcs11Fail) fail_ = nullptr;
  decltype(&FaultyPkcs11TokenFlags) flags_ = nullptr;
  decltype(&FaultyPkcs11Logins) logins_ = nullptr;
  std::unique_ptr<KeyProvider> keys_;
  std::vector<std::byte> wrapped_;
};

TEST_F(Pkcs11Faults, AWrongPinIsRefusedAndNotTriedAgain) {
  EXPECT_EQ(CodeOf(Open("wrong-pin")), Code::kDenied);
  EXPECT_EQ(logins_(), 1);
}

TEST_F(Pkcs11Faults, APinThatWasChangedIsTriedOnceAfterASessionIsLost) {
  OpenWithKey();
  fail_("C_Login", 0, CKR_PIN_INCORRECT);
  EXPECT_EQ(Unwrapping(), std::nullopt) << "whoever is logged in stays so";
  Lose();
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  EXPECT_EQ(Unwrapping(), Code::kDenied);
  EXPECT_EQ(CodeOf(keys_->Create("city")), Code::kDenied);
  EXPECT_EQ(logins_(), 1);
}

TEST_F(Pkcs11Faults, NoPinIsTriedWhereAWrongOneWouldLockTheToken) {
  for (const CK_FLAGS flags : {CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED}) {
    flags_(flags);
    EXPECT_EQ(CodeOf(Open()), Code::kDenied);
    EXPECT_EQ(logins_(), 0);
  }
  flags_(0);
  EXPECT_EQ(CodeOf(Open()), std::nullopt);
}

TEST_F(Pkcs11Faults, ALostSessionIsMadeAnew) {
  OpenWithKey();
  for (const CK_RV answer : {CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_DEVICE_REMOVED}) {
    fail_("C_GetSessionInfo", 0, answer);
    EXPECT_EQ(Unwrapping(), std::nullopt);
    EXPECT_EQ(logins_(), 1);
  }
}

TEST_F(Pkcs11Faults, ATokenThatIsTakenAwayIsUnavailableAndThenThereAgain) {
  OpenWithKey();
  for (const char* const call : {"C_FindObjectsInit", "C_SignInit", "C_Sign"}) {
    fail_(call, 0, CKR_DEVICE_REMOVED);
    fail_("C_OpenSession", 0, CKR_TOKEN_NOT_PRESENT);
    EXPECT_EQ(Unwrapping(), Code::kUnavailable) << call;
    EXPECT_EQ(Unwrapping(), Code::kUnavailable) << call;
    EXPECT_EQ(Unwrapping(), std::nullopt) << call;
  }
}

TEST_F(Pkcs11Faults, AFullTokenSaysSoAndKeepsWhatItHas) {
  OpenWithKey();
  fail_("C_GenerateKey", 0, CKR_DEVICE_MEMORY);
  EXPECT_EQ(CodeOf(keys_->Rotate("plant")), Code::kExhausted);
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{1, 1}));
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(Pkcs11Faults, ATokenWithoutTheMechanismIsUnsupported) {
  OpenWithKey();
  fail_("C_SignInit", 0, CKR_MECHANISM_INVALID);
  EXPECT_EQ(Unwrapping(), Code::kUnsupported);
}

TEST_F(Pkcs11Faults, EndingInTheMiddleOfEndingOldVersionsCanBeFinished) {
  OpenWithKey();
  ASSERT_TRUE(keys_->Rotate("plant").ok());
  ASSERT_TRUE(keys_->Rotate("plant").ok());
  fail_("C_DestroyObject", 1, CKR_DEVICE_ERROR);
  EXPECT_EQ(CodeOf(keys_->EndOldVersions("plant")), Code::kUnavailable);
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{2, 3}));
  EXPECT_EQ(Unwrapping(), Code::kNotFound);
  ASSERT_TRUE(keys_->EndOldVersions("plant").ok());
  EXPECT_EQ(keys_->Describe("plant").value(), (KeyState{3, 3}));
}

TEST_F(Pkcs11Faults, EndingInTheMiddleOfDestroyingLeavesNoKeyBehind) {
  OpenWithKey();
  ASSERT_TRUE(keys_->Rotate("plant").ok());
  fail_("C_DestroyObject", 1, CKR_DEVICE_ERROR);
  EXPECT_EQ(CodeOf(keys_->Destroy("plant")), Code::kUnavailable);
  EXPECT_EQ(Unwrapping(), Code::kNotFound);
  EXPECT_EQ(CodeOf(keys_->Create("plant")), Code::kConflict);
  EXPECT_EQ(Objects(), std::vector<uint32_t>{0}) << "only the mark of the name stays";
}

TEST_F(Pkcs11Faults, ADestructionThatNeverBeganChangesNothing) {
  OpenWithKey();
  fail_("C_GenerateKey", 0, CKR_DEVICE_ERROR);
  EXPECT_EQ(CodeOf(keys_->Destroy("plant")), Code::kUnavailable);
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(Pkcs11Faults, AKeyThatCanLeaveTheTokenIsNotUsed) {
  OpenWithKey();
  ASSERT_TRUE(keys_->Destroy("plant").ok());
  Plant("bulkhead city");
  EXPECT_EQ(CodeOf(keys_->Wrap("city", kPurpose, kDataKey)), Code::kCorrupt);
}

TEST_F(Pkcs11Faults, AForkedChildIsRefusedAndHarmsNothing) {
  OpenWithKey();
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = Unwrapping() == Code::kUnavailable;
    keys_.reset();
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(Pkcs11Faults, TokensThatCannotBeReadMidWayEndNothingForGood) {
  OpenWithKey();
  const auto away = hsm_.tokens().string() + ".away";
  std::filesystem::rename(hsm_.tokens(), away);
  // SoftHSM2 may still know the key; what it may not do is to answer wrongly or to end us.
  const auto code = Unwrapping();
  EXPECT_TRUE(!code || *code == Code::kUnavailable || *code == Code::kNotFound)
      << base::CodeName(code.value_or(Code::kInternal));
  EXPECT_NE(CodeOf(keys_->Create("city")), std::nullopt) << "a key nobody keeps";
  std::filesystem::rename(away, hsm_.tokens());
  EXPECT_EQ(CodeOf(Open()), std::nullopt);
  keys_ = Open().value();
  EXPECT_EQ(Unwrapping(), std::nullopt);
}

TEST_F(Pkcs11Faults, SaysWhichModuleOrTokenIsMissing) {
  Pkcs11Place place = hsm_.Place();
  place.token = "another";
  EXPECT_EQ(CodeOf(OpenPkcs11Provider(std::move(place))), Code::kUnavailable);
  place = hsm_.Place();
  place.serial = "0123456789abcdef";
  EXPECT_EQ(CodeOf(OpenPkcs11Provider(std::move(place))), Code::kUnavailable);
  place = hsm_.Place();
  place.module = "/usr/lib/missing.so";
  EXPECT_EQ(CodeOf(OpenPkcs11Provider(std::move(place))), Code::kUnavailable);
  place = hsm_.Place();
  place.module = "libsofthsm2.so";
  EXPECT_EQ(CodeOf(OpenPkcs11Provider(std::move(place))), Code::kInvalid);
  place = hsm_.Place();
  place.module = "/usr/lib/x86_64-linux-gnu/libm.so.6";
  EXPECT_EQ(CodeOf(OpenPkcs11Provider(std::move(place))), Code::kUnavailable);
}

TEST_F(Pkcs11Faults, TwoTokensOfOneNameNeedASerial) {
  ASSERT_TRUE(hsm_.MakeToken("bulkhead"));
  EXPECT_EQ(CodeOf(Open()), Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::keys
