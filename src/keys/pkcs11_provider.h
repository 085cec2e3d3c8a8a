// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

struct Pkcs11Place {
  std::filesystem::path module;  // the whole path of the shared object
  std::string token;             // its label
  std::string serial;            // of the token; empty: the only one of that label
  base::SecretBytes pin;         // the user's
};

// The provider "pkcs11": keys on a token that never leave it. A version of a key is a generic
// secret of 32 bytes labelled "bulkhead NAME", its id the version; docs/formats/keys_on_tokens.md
// has the rest, docs/adr/0012 the reasons. At most one provider of a module per process, and not
// after a fork. A call waits for as long as the module does: the standard knows no time limits.
//
// kUnavailable: no such module or token. kDenied: the PIN is refused (and is not tried again: open
// a new provider for that), or one more wrong one would lock the token. kInvalid: several tokens
// of that label. kUnsupported: the token makes no such keys.
base::Result<std::unique_ptr<KeyProvider>> OpenPkcs11Provider(Pkcs11Place place);

}  // namespace bulkhead::keys
