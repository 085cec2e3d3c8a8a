// SPDX-License-Identifier: Apache-2.0
// What a sealed model file says of itself in the clear (docs/formats/sealed_model.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"

namespace bulkhead::seal {

// No header is longer.
inline constexpr std::size_t kSealedHeaderBytesMax = 8192;
inline constexpr std::size_t kSealedNameBytesMax = 256;
inline constexpr std::size_t kWrappedKeyBytesMax = 4096;
// 1 TiB.
inline constexpr uint64_t kPlainBytesMax = uint64_t{1} << 40;

// Whose model it is; the key provider is told the same when the key is unwrapped.
struct SealedName {
  std::string tenant;  // its id
  std::string model;
  uint32_t version = 0;
  friend bool operator==(const SealedName&, const SealedName&) = default;
};

// The key that the data key is wrapped with.
struct KeyName {
  std::string provider;  // "file", "pkcs11", "transit"
  std::string key;
  friend bool operator==(const KeyName&, const KeyName&) = default;
};

struct SealedHeader {
  SealedName name;
  base::Sha256Digest plain_sha256{};
  uint64_t plain_bytes = 0;
  KeyName key;
  std::vector<std::byte> wrapped_key;  // the provider's own bytes
  friend bool operator==(const SealedHeader&, const SealedHeader&) = default;
};

// The bytes that the body is bound to: all of the header but the wrapped key.
// kInvalid: a text is empty, too long or no UTF-8, the version is 0, or there is no plaintext or
// too much.
base::Result<std::vector<std::byte>> EncodeBound(const SealedHeader& header);

// All of it. Errors of EncodeBound; kInvalid: the wrapped key is empty or too long.
base::Result<std::vector<std::byte>> EncodeSealedHeader(const SealedHeader& header);

struct DecodedHeader {
  SealedHeader header;
  std::vector<std::byte> bound;  // as EncodeBound gave it
  std::size_t bytes = 0;         // where the body begins
};

// From the first bytes of a file: all, or kSealedHeaderBytesMax of them. kInvalid: not a sealed
// model. kUnsupported: sealed by a newer release. kCorrupt: not what EncodeSealedHeader writes.
base::Result<DecodedHeader> DecodeSealedHeader(std::span<const std::byte> bytes);

// Of a whole sealed file with this header.
[[nodiscard]] uint64_t BodyBytes(const SealedHeader& header);

}  // namespace bulkhead::seal
