// SPDX-License-Identifier: Apache-2.0
// The keys of the provider "file:" as values and as the bytes of their file
// (docs/formats/keyring.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/aes_gcm.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace bulkhead::keys {

inline constexpr std::size_t kKeyringBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kVersionsMax = 1000;

// One key; without versions it was destroyed.
struct NamedKey {
  uint32_t oldest = 1;
  base::SecretBytes versions;  // 32 bytes each, from `oldest` on

  [[nodiscard]] uint32_t count() const {
    return static_cast<uint32_t>(versions.bytes().size() / 32);
  }
  [[nodiscard]] uint32_t newest() const { return oldest + count() - 1; }
  // Of one of those versions.
  [[nodiscard]] base::Aes256Key version(uint32_t number) const;
};

using Keyring = std::map<std::string, NamedKey>;

// The first bytes of the file.
struct KeyringHead {
  bool passphrase = false;
  std::array<std::byte, 16> salt{};
  base::GcmNonce nonce{};
};

// `key` is what the head's protection gives (passphrase_key.h). kExhausted: too many keys.
base::Result<std::vector<std::byte>> EncodeKeyring(const Keyring& keyring, const KeyringHead& head,
                                                   base::Aes256Key key);

// kInvalid: not a keyring. kUnsupported: a newer release's.
base::Result<KeyringHead> DecodeKeyringHead(std::span<const std::byte> file);

// kDenied: another passphrase than it was written with, or changed since. kCorrupt: it opens, and
// is not what EncodeKeyring writes.
base::Result<Keyring> DecodeKeyring(std::span<const std::byte> file, base::Aes256Key key);

}  // namespace bulkhead::keys
