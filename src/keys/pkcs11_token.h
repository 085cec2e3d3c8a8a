// SPDX-License-Identifier: Apache-2.0
// One token of a PKCS #11 module with its user logged in, and the secret keys on it that are ours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "keys/pkcs11_module.h"

namespace bulkhead::keys {

// A secret key object: its label says whose it is, its id which version.
struct TokenKey {
  CK_OBJECT_HANDLE object = 0;
  uint32_t version = 0;
};

// Errors of all: what Pkcs11Error gives; what a call that failed was to do may have been done.
class Pkcs11Token {
 public:
  // By its label, and its serial number where that is not empty. Connects with the first Ready().
  Pkcs11Token(std::unique_ptr<Pkcs11Module> module, std::string label, std::string serial,
              base::SecretBytes pin);
  Pkcs11Token(const Pkcs11Token&) = delete;
  Pkcs11Token& operator=(const Pkcs11Token&) = delete;
  ~Pkcs11Token();

  // Finds the token, opens a session and logs in, unless that holds still. A PIN that was refused
  // is never tried again, and none where the next wrong one locks the token.
  // kUnavailable: no such token. kInvalid: several of that label. kDenied: the PIN is refused.
  base::Status Ready();

  // At most kTokenKeysMax of that label, in the order of their versions. kExhausted: more.
  base::Result<std::vector<TokenKey>> Find(const std::string& label);

  // A new key of 32 bytes that never leaves the token. One that does not sign is a mark.
  base::Result<TokenKey> Generate(const std::string& label, uint32_t version, bool signs);
  base::Status Destroy(const TokenKey& key);

  // HMAC-SHA-256 of the message under that key. kCorrupt: the key is one that may leave the token.
  base::Result<base::SecretBytes> Mac(const TokenKey& key, std::span<const std::byte> message);

 private:
  base::Result<CK_SLOT_ID> FindSlot();
  base::Status LogIn(CK_SLOT_ID slot);
  base::Status CheckStays(const TokenKey& key);
  base::Result<uint32_t> VersionOf(CK_OBJECT_HANDLE object);
  // The error of an answer; a lost session is forgotten, so that Ready() makes a new one.
  base::Error Failed(std::string_view call, CK_RV answer);

  std::unique_ptr<Pkcs11Module> module_;
  std::string label_;
  std::string serial_;
  base::SecretBytes pin_;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
  std::optional<base::Error> refused_;
};

inline constexpr std::size_t kTokenKeysMax = 1100;

}  // namespace bulkhead::keys
