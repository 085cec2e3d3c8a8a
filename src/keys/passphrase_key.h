// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace bulkhead::keys {

// 32 bytes that only whoever knows the passphrase can make, by scrypt (RFC 7914) with N = 32768,
// r = 8 and p = 1: 32 MiB and some 0.1 s. kExhausted: no memory for that.
base::Result<base::SecretBytes> PassphraseKey(std::span<const std::byte> passphrase,
                                              std::span<const std::byte> salt);

}  // namespace bulkhead::keys
