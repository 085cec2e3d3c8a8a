// SPDX-License-Identifier: Apache-2.0
// From a text to the keys that it names. The only place where key providers are named.
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

// What --keys says: "provider:rest". "file:PATH" is a keyring, made where there is none
// (keys/file_provider.h).
//
// `passphrase_file`: the keyring's passphrase is its content, less one line's end. Empty: the
// credential "bulkhead-key-passphrase" that systemd passed on (CREDENTIALS_DIRECTORY), where there
// is one, or no passphrase.
//
// kInvalid: no provider of this name, nothing after the colon, or an empty passphrase. Errors of
// the provider and of base::ReadFile.
base::Result<OpenedKeys> OpenKeyProvider(std::string_view text, const std::string& passphrase_file);

}  // namespace bulkhead::app
