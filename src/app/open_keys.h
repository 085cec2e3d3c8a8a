// SPDX-License-Identifier: Apache-2.0
// From a text to the keys that it names, with the passphrase that a keyring may need.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keys/key_provider.h"

namespace bulkhead::app {

struct OpenedKeys {
  std::string name;  // what stands before the colon, and in sealed files
  std::unique_ptr<keys::KeyProvider> provider;
};

// What --keys says: "file:", "pkcs11:" or "transit:" (keys/provider_url.h).
//
// `passphrase_file`: the passphrase of a keyring (keys/secret_file.h). Empty: the credential
// "bulkhead-key-passphrase" that systemd passed on (CREDENTIALS_DIRECTORY), where there is one, or
// none.
//
// Errors of keys::ReadSecretFile and keys::OpenProvider.
base::Result<OpenedKeys> OpenKeyProvider(std::string_view text, const std::string& passphrase_file);

}  // namespace bulkhead::app
