// SPDX-License-Identifier: Apache-2.0
#include "keys/pkcs11_token.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kSlotsMax = 1024;
constexpr std::size_t kIdBytes = 4;

using Id = std::array<CK_BYTE, kIdBytes>;

// Big endian, so that tools show versions in their order.
Id EncodeId(uint32_t version) {
  return {static_cast<CK_BYTE>(version >> 24), static_cast<CK_BYTE>(version >> 16),
          static_cast<CK_BYTE>(version >> 8), static_cast<CK_BYTE>(version)};
}

template <std::size_t kSize>
std::string_view WithoutPadding(const CK_UTF8CHAR (&text)[kSize]) {
  const std::string_view whole(reinterpret_cast<const char*>(text), kSize);
  return whole.substr(0, whole.find_last_not_of(' ') + 1);
}

// The library reads what it is given; its types have no const.
CK_ATTRIBUTE Given(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), size};
}

template <typename Value>
CK_ATTRIBUTE Given(CK_ATTRIBUTE_TYPE type, const Value& value) {
  return Given(type, &value, sizeof(Value));
}

constexpr CK_BBOOL kYes = CK_TRUE;
constexpr CK_BBOOL kNo = CK_FALSE;

}  // namespace

Pkcs11Token::Pkcs11Token(std::unique_ptr<Pkcs11Module> module, std::string label,
                         std::string serial, base::SecretBytes pin)
    : module_(std::move(module)),
      label_(std::move(label)),
      serial_(std::move(serial)),
      pin_(std::move(pin)) {}

Pkcs11Token::~Pkcs11Token() {
  // The login ends with the application's last session.
  if (session_ != CK_INVALID_HANDLE && module_->ours()) module_->calls().C_CloseSession(session_);
}

base::Error Pkcs11Token::Failed(std::string_view call, CK_RV answer) {
  base::Error error = Pkcs11Error(call, answer);
  if (error.code == Code::kUnavailable && session_ != CK_INVALID_HANDLE) {
    module_->calls().C_CloseSession(session_);
    session_ = CK_INVALID_HANDLE;
  }
  return error;
}

base::Status Pkcs11Token::Ready() {
  if (!module_->ours()) {
    return OperatorError(Code::kUnavailable, "the token was opened before this process forked");
  }
  if (refused_) return *refused_;
  if (session_ != CK_INVALID_HANDLE) {
    CK_SESSION_INFO state{};
    const CK_RV answer = module_->calls().C_GetSessionInfo(session_, &state);
    if (answer == CKR_OK && state.state == CKS_RW_USER_FUNCTIONS) return base::Ok();
    module_->calls().C_CloseSession(session_);
    session_ = CK_INVALID_HANDLE;
  }
  BH_ASSIGN(const CK_SLOT_ID slot, FindSlot());
  CK_SESSION_HANDLE session = 0;
  const CK_RV opened = module_->calls().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                      nullptr, nullptr, &session);
  if (opened != CKR_OK) return Pkcs11Error("C_OpenSession", opened);
  session_ = session;
  base::Status logged_in = LogIn(slot);
  if (logged_in.ok()) return logged_in;
  module_->calls().C_CloseSession(session);
  session_ = CK_INVALID_HANDLE;
  return logged_in;
}

base::Result<CK_SLOT_ID> Pkcs11Token::FindSlot() {
  // Asked without room first: that is when a module looks for tokens anew.
  CK_ULONG count = 0;
  CK_RV answer = module_->calls().C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(std::min<std::size_t>(count, kSlotsMax));
  count = slots.size();
  if (answer == CKR_OK && !slots.empty()) {
    answer = module_->calls().C_GetSlotList(CK_TRUE, slots.data(), &count);
  }
  if (answer != CKR_OK) return Pkcs11Error("C_GetSlotList", answer);
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::optional<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token{};
    if (module_->calls().C_GetTokenInfo(slot, &token) != CKR_OK) continue;
    if ((token.flags & CKF_TOKEN_INITIALIZED) == 0 || WithoutPadding(token.label) != label_ ||
        (!serial_.empty() && WithoutPadding(token.serialNumber) != serial_)) {
      continue;
    }
    if (found) {
      return OperatorError(Code::kInvalid,
                           "several tokens are named " + label_ + "; say which by its serial");
    }
    found = slot;
  }
  if (found) return *found;
  return OperatorError(Code::kUnavailable, "the module has no token named " + label_ +
                                               (serial_.empty() ? "" : " of serial " + serial_));
}

base::Status Pkcs11Token::LogIn(CK_SLOT_ID slot) {
  CK_TOKEN_INFO token{};
  CK_RV answer = module_->calls().C_GetTokenInfo(slot, &token);
  if (answer != CKR_OK) return Pkcs11Error("C_GetTokenInfo", answer);
  if ((token.flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY)) != 0) {
    return OperatorError(Code::kDenied, (token.flags & CKF_USER_PIN_LOCKED) != 0
                                            ? "the PIN of the token " + label_ + " is locked"
                                            : "one more wrong PIN locks the token " + label_ +
                                                  ": log in once by hand, with the right one");
  }
  const auto pin = pin_.bytes();
  answer = module_->calls().C_Login(session_, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()),
                                    pin.size());
  if (answer == CKR_OK || answer == CKR_USER_ALREADY_LOGGED_IN) return base::Ok();
  base::Error error = Pkcs11Error("logging in to the token " + label_, answer);
  if (RefusesPin(answer)) refused_ = error;
  return error;
}

base::Result<uint32_t> Pkcs11Token::VersionOf(CK_OBJECT_HANDLE object) {
  Id id{};
  CK_ATTRIBUTE attribute{CKA_ID, id.data(), id.size()};
  const CK_RV answer = module_->calls().C_GetAttributeValue(session_, object, &attribute, 1);
  if (answer == CKR_BUFFER_TOO_SMALL || (answer == CKR_OK && attribute.ulValueLen != id.size())) {
    return OperatorError(Code::kCorrupt, "a key of that name on the token is not ours");
  }
  if (answer != CKR_OK) return Failed("C_GetAttributeValue", answer);
  return uint32_t{id[0]} << 24 | uint32_t{id[1]} << 16 | uint32_t{id[2]} << 8 | uint32_t{id[3]};
}

base::Result<std::vector<TokenKey>> Pkcs11Token::Find(const std::string& label) {
  CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
  std::array wanted{Given(CKA_CLASS, secret), Given(CKA_TOKEN, kYes),
                    Given(CKA_LABEL, label.data(), label.size())};
  CK_RV answer = module_->calls().C_FindObjectsInit(session_, wanted.data(), wanted.size());
  if (answer != CKR_OK) return Failed("C_FindObjectsInit", answer);
  std::vector<CK_OBJECT_HANDLE> objects(kTokenKeysMax + 1);
  std::size_t found = 0;
  CK_ULONG more = 1;
  while (answer == CKR_OK && more > 0 && found < objects.size()) {
    more = 0;
    answer = module_->calls().C_FindObjects(session_, objects.data() + found,
                                            objects.size() - found, &more);
    if (more > objects.size() - found) break;
    found += more;
  }
  module_->calls().C_FindObjectsFinal(session_);
  if (answer != CKR_OK) return Failed("C_FindObjects", answer);
  if (found > kTokenKeysMax) {
    return OperatorError(Code::kExhausted, "too many keys named " + label + " on the token");
  }
  objects.resize(found);
  std::vector<TokenKey> keys;
  for (const CK_OBJECT_HANDLE object : objects) {
    BH_ASSIGN(const uint32_t version, VersionOf(object));
    keys.push_back({object, version});
  }
  std::ranges::sort(keys, {}, &TokenKey::version);
  return keys;
}

base::Result<TokenKey> Pkcs11Token::Generate(const std::string& label, uint32_t version,
                                             bool signs) {
  const CK_ULONG bytes = kMacBytes;
  const Id id = EncodeId(version);
  std::array made{Given(CKA_TOKEN, kYes),
                  Given(CKA_PRIVATE, kYes),
                  Given(CKA_SENSITIVE, kYes),
                  Given(CKA_EXTRACTABLE, kNo),
                  Given(CKA_MODIFIABLE, kNo),
                  Given(CKA_SIGN, signs ? kYes : kNo),
                  Given(CKA_VERIFY, kNo),
                  Given(CKA_DERIVE, kNo),
                  Given(CKA_ENCRYPT, kNo),
                  Given(CKA_DECRYPT, kNo),
                  Given(CKA_WRAP, kNo),
                  Given(CKA_UNWRAP, kNo),
                  Given(CKA_LABEL, label.data(), label.size()),
                  Given(CKA_ID, id.data(), id.size()),
                  Given(CKA_VALUE_LEN, bytes)};
  CK_MECHANISM mechanism{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE object = 0;
  const CK_RV answer =
      module_->calls().C_GenerateKey(session_, &mechanism, made.data(), made.size(), &object);
  if (answer != CKR_OK) return Failed("C_GenerateKey", answer);
  return TokenKey{object, version};
}

base::Status Pkcs11Token::Destroy(const TokenKey& key) {
  const CK_RV answer = module_->calls().C_DestroyObject(session_, key.object);
  if (answer != CKR_OK) return Failed("C_DestroyObject", answer);
  return base::Ok();
}

base::Status Pkcs11Token::CheckStays(const TokenKey& key) {
  CK_BBOOL sensitive = CK_FALSE;
  CK_BBOOL never_left = CK_FALSE;
  CK_BBOOL made_there = CK_FALSE;
  std::array asked{CK_ATTRIBUTE{CKA_ALWAYS_SENSITIVE, &sensitive, sizeof(sensitive)},
                   CK_ATTRIBUTE{CKA_NEVER_EXTRACTABLE, &never_left, sizeof(never_left)},
                   CK_ATTRIBUTE{CKA_LOCAL, &made_there, sizeof(made_there)}};
  const CK_RV answer =
      module_->calls().C_GetAttributeValue(session_, key.object, asked.data(), asked.size());
  if (answer != CKR_OK) return Failed("C_GetAttributeValue", answer);
  if (sensitive == CK_TRUE && never_left == CK_TRUE && made_there == CK_TRUE) return base::Ok();
  return OperatorError(Code::kCorrupt,
                       "a key on the token can leave it, or came from outside: not one of ours");
}

base::Result<base::SecretBytes> Pkcs11Token::Mac(const TokenKey& key,
                                                 std::span<const std::byte> message) {
  BH_TRY(CheckStays(key));
  CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
  CK_RV answer = module_->calls().C_SignInit(session_, &mechanism, key.object);
  if (answer != CKR_OK) return Failed("C_SignInit", answer);
  BH_ASSIGN(base::SecretBytes mac, base::SecretBytes::Allocate(kMacBytes));
  CK_ULONG size = kMacBytes;
  answer = module_->calls().C_Sign(
      session_, reinterpret_cast<CK_BYTE*>(const_cast<std::byte*>(message.data())), message.size(),
      reinterpret_cast<CK_BYTE*>(mac.bytes().data()), &size);
  if (answer != CKR_OK) return Failed("C_Sign", answer);
  if (size == kMacBytes) return mac;
  return OperatorError(Code::kUnavailable, "the token gave a MAC of another size");
}

}  // namespace bulkhead::keys
