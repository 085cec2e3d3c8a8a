// SPDX-License-Identifier: Apache-2.0
// What a transit engine (OpenBao, Vault) answers, as values, and its texts of wrapped keys. Answers
// come over the network: whatever they hold, they give a value or kUnavailable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

// What GET keys/NAME says of a key.
struct TransitKey {
  KeyState state;
  // AES-256-GCM with a context, and no way to read it out: as Create makes keys.
  bool ours = false;
};

base::Result<TransitKey> ParseTransitKey(std::span<const std::byte> body);

// data.ciphertext, a text that TransitVersion takes.
base::Result<std::string> ParseTransitCiphertext(std::span<const std::byte> body);

// data.plaintext, kDataKeyBytes of it.
base::Result<base::SecretBytes> ParseTransitPlaintext(std::span<const std::byte> body);

// The texts of "errors", printable and at most 300 bytes of them; empty: there are none.
std::string ParseTransitErrors(std::span<const std::byte> body);

// The version of "vault:vN:BASE64"; nullopt: no such text.
std::optional<uint32_t> TransitVersion(std::string_view wrapped);

}  // namespace bulkhead::keys
