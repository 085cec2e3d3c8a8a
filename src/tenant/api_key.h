// SPDX-License-Identifier: Apache-2.0
// API keys: their text, and whether one opens the door.
//
// The text is `bh_live_<id>_<secret>_<checksum>`. The id finds the record; the secret, 190 bits of
// chance, is kept nowhere; the checksum, over everything before its underscore, stops a mistyped
// key before anything is looked up and lets a scanner know a leaked one. The shape is GitHub's
// (Behind GitHub's new authentication token formats, 2021).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/hmac_sha256.h"
#include "base/result.h"
#include "tenant/records.h"

namespace bulkhead::tenant {

constexpr std::string_view kKeyPrefix = "bh_live_";
constexpr std::size_t kKeySecretChars = 32;
constexpr std::size_t kKeyTextChars = 8 + 16 + 1 + kKeySecretChars + 1 + 6;
// What MakeApiKey wants: twice its characters, see base::RandomBase62.
constexpr std::size_t kKeyRandomBytes = 2 * (16 + kKeySecretChars);

struct ApiKey {
  KeyId id;
  std::string secret;  // kKeySecretChars of [0-9A-Za-z]
  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

[[nodiscard]] std::string FormatApiKey(const ApiKey& key);

// Exactly what FormatApiKey writes. kInvalid: anything else; the error repeats nothing of the text.
[[nodiscard]] base::Result<ApiKey> ParseApiKey(std::string_view text);

// A new key out of kKeyRandomBytes of chance. kInvalid: too few bytes, or too few usable ones
// (base::RandomBase62).
[[nodiscard]] base::Result<ApiKey> MakeApiKey(std::span<const std::byte> random);

using SecretHmac = std::array<std::byte, 32>;

// What is kept of a secret: its HMAC-SHA-256. The pepper lies outside the store, so that a copy of
// the store alone tests no guess.
[[nodiscard]] SecretHmac HashSecret(std::span<const std::byte> pepper, std::string_view secret);
// The same, for many.
[[nodiscard]] SecretHmac HashSecret(base::HmacSha256Key& pepper, std::string_view secret);

// Why a key opens or does not. Whoever asks learns two things apart: kSuspended, which only a right
// secret gets, and one answer for all the rest.
enum class KeyVerdict : uint8_t { kAccepted, kUnknown, kWrongSecret, kExpired, kSuspended };

// For the operator's log: "accepted", "unknown", ...
[[nodiscard]] std::string_view KeyVerdictName(KeyVerdict verdict);

// What the caller may read of a verdict that is not kAccepted.
[[nodiscard]] std::string_view KeyRefusal(KeyVerdict verdict);

// The records of the id and of its tenant; null: there is none. The work is the same whether there
// is a record or not, and the comparison takes the same time for every secret. A key has expired
// from its very millisecond on.
[[nodiscard]] KeyVerdict CheckKey(const Key* key, const Tenant* tenant, const SecretHmac& hmac,
                                  int64_t now_unix_ms);

}  // namespace bulkhead::tenant
