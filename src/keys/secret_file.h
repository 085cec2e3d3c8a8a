// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace bulkhead::keys {

// The secret in a file, a PIN or a token say, without the line's end after it: 1 to 4096 bytes.
// Links are followed: what hands secrets out puts one in the place of the other by them.
//
// kNotFound: no such file. kDenied: it may not be read. kInvalid: not a file, empty, too long, or
// of several lines. kCorrupt: everybody may read it, or others may write it.
base::Result<base::SecretBytes> ReadSecretFile(const std::filesystem::path& path);

}  // namespace bulkhead::keys
