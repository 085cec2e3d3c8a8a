// SPDX-License-Identifier: Apache-2.0
// Who signs a log, as one line of text (C2SP signed-note, section Verifier keys).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/ed25519.h"
#include "base/result.h"

namespace bulkhead::audit {

// Of Ed25519 alone (type 0x01).
struct VerifierKey {
  std::string name;  // the log's origin
  base::Ed25519PublicKey key{};
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

// Tells keys of one name apart in a note's lines.
[[nodiscard]] uint32_t KeyId(const VerifierKey& key);

// NAME+ID+KEY, as in example.com/foo+530d903a+AekyeR...
[[nodiscard]] std::string FormatVerifierKey(const VerifierKey& key);

// kInvalid: another text, or an id that is not the key's.
base::Result<VerifierKey> ParseVerifierKey(std::string_view text);

// kInvalid: empty, over 200 bytes, not UTF-8, or with spaces, control characters or a plus sign.
base::Status CheckOrigin(std::string_view name);

// Signs for a log. The private key may be elsewhere: in another process, in a token.
struct Signer {
  VerifierKey key;
  std::function<base::Result<base::Ed25519Signature>(std::span<const std::byte> message)> sign;
};

// With a key in this process. kInvalid: CheckOrigin, or a seed that is not 32 bytes.
base::Result<Signer> MakeSigner(std::string_view origin, std::span<const std::byte> seed);

}  // namespace bulkhead::audit
