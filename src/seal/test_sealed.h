// SPDX-License-Identifier: Apache-2.0
// Sealed models for tests.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "seal/seal.h"

namespace bulkhead::seal {

inline constexpr std::array<std::byte, 32> kTestKey{std::byte{1}, std::byte{2}};

inline std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline SealedHeader HeaderOf(std::string_view plain) {
  SealedHeader header;
  header.name = {"0123456789ABCDEF", "line-3", 2};
  header.plain_sha256 = base::Sha256Of(BytesOf(plain));
  header.plain_bytes = plain.size();
  header.key = {"file", "plant"};
  header.wrapped_key.assign(4, std::byte{0xEE});
  return header;
}

// The whole file of `plain` under `header` and kTestKey, written in pieces of `piece_bytes`.
inline base::Result<std::vector<std::byte>> SealedAs(const SealedHeader& header,
                                                     std::string_view plain,
                                                     std::size_t piece_bytes = 1000) {
  std::vector<std::byte> file;
  BH_ASSIGN(Sealer sealer,
            Sealer::Begin(header, kTestKey, [&file](std::span<const std::byte> bytes) {
              file.insert(file.end(), bytes.begin(), bytes.end());
              return base::Ok();
            }));
  for (std::size_t at = 0; at < plain.size(); at += piece_bytes) {
    BH_TRY(sealer.Write(BytesOf(plain.substr(at, piece_bytes))));
  }
  BH_TRY(sealer.Finish());
  return file;
}

}  // namespace bulkhead::seal
