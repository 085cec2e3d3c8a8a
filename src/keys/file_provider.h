// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

// The provider "file": keys in one file (docs/formats/keyring.md), which is made where there is
// none, 0600. Without a passphrase whoever reads the file has the keys. What destroying is worth
// there, that page says.
//
// kConflict: another process has it open. kDenied: another passphrase, none where there must be
// one, or one where there is none. kCorrupt: it is damaged, a link, another user's or open to
// others. kInvalid: the file is no keyring. kNotFound: its folder is missing.
base::Result<std::unique_ptr<KeyProvider>> OpenFileProvider(
    const std::filesystem::path& path, std::optional<base::SecretBytes> passphrase);

}  // namespace bulkhead::keys
