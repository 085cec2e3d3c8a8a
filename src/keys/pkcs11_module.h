// SPDX-License-Identifier: Apache-2.0
// A PKCS #11 module in this process, and what its return values mean to us.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#define CRYPTOKI_COMPAT
#include <p11-kit/pkcs11.h>
#include <sys/types.h>

#include "base/result.h"

namespace bulkhead::keys {

// Initialised for use from any thread, until it goes. A forked child may not use it: the standard
// leaves that undefined, and a token's login is the parent's.
class Pkcs11Module {
 public:
  // kUnavailable: the file is missing, no PKCS #11 module, or does not start.
  static base::Result<std::unique_ptr<Pkcs11Module>> Load(const std::filesystem::path& path);

  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;
  ~Pkcs11Module();

  [[nodiscard]] CK_FUNCTION_LIST& calls() const { return *calls_; }
  // Whether this is the process that loaded it.
  [[nodiscard]] bool ours() const;

 private:
  Pkcs11Module(CK_FUNCTION_LIST* calls, bool finalizes);

  CK_FUNCTION_LIST* calls_;
  // False: somebody else in this process had initialised it, and ends it.
  bool finalizes_;
  pid_t process_;
};

// What a call answered that was not CKR_OK: kDenied, kExhausted, kUnsupported or else kUnavailable.
base::Error Pkcs11Error(std::string_view call, CK_RV answer);

// Whether the answer refuses our PIN: asking again with it may lock the token.
bool RefusesPin(CK_RV answer);

}  // namespace bulkhead::keys
