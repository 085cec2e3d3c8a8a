// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

// The provider that a text names (provider_url.h). `passphrase` is a keyring's: kInvalid where
// another provider is named and there is one. Errors of ParseProviderUrl, of reading the secret,
// and of opening that provider; each in one line.
base::Result<std::unique_ptr<KeyProvider>> OpenProvider(
    std::string_view text, std::optional<base::SecretBytes> passphrase);

}  // namespace bulkhead::keys
