// SPDX-License-Identifier: Apache-2.0
#include "tenant/api_key.h"

#include "base/base62.h"
#include "base/crc32.h"
#include "base/hmac_sha256.h"

namespace bulkhead::tenant {
namespace {

constexpr std::size_t kIdChars = 16;
constexpr std::size_t kChecksumChars = 6;
static_assert(kKeyTextChars ==
              kKeyPrefix.size() + kIdChars + 1 + kKeySecretChars + 1 + kChecksumChars);
// 62^6 is more than 2^32, so that no checksum is cut off.
static_assert(uint64_t{62} * 62 * 62 * 62 * 62 * 62 > UINT32_MAX);

std::string ChecksumOf(std::string_view text) {
  return base::FixedBase62(base::Crc32(text), kChecksumChars);
}

}  // namespace

std::string FormatApiKey(const ApiKey& key) {
  std::string text(kKeyPrefix);
  text.append(key.id.text).append("_").append(key.secret);
  return text + "_" + ChecksumOf(text);
}

base::Result<ApiKey> ParseApiKey(std::string_view text) {
  const auto no_key = [] {
    return base::PublicError(base::Code::kInvalid, "this is not an API key");
  };
  if (text.size() != kKeyTextChars || !text.starts_with(kKeyPrefix)) return no_key();
  const std::string_view id = text.substr(kKeyPrefix.size(), kIdChars);
  const std::string_view secret = text.substr(kKeyPrefix.size() + kIdChars + 1, kKeySecretChars);
  const std::size_t checked = text.size() - 1 - kChecksumChars;
  const bool separated = text[kKeyPrefix.size() + kIdChars] == '_' && text[checked] == '_';
  if (!separated || !base::IsBase62(id) || !base::IsBase62(secret) ||
      ChecksumOf(text.substr(0, checked)) != text.substr(checked + 1)) {
    return no_key();
  }
  return ApiKey{.id = {std::string(id)}, .secret = std::string(secret)};
}

base::Result<ApiKey> MakeApiKey(std::span<const std::byte> random) {
  auto chars = base::RandomBase62(random, kIdChars + kKeySecretChars);
  if (random.size() < kKeyRandomBytes || !chars) {
    return base::OperatorError(base::Code::kInvalid, "too few random bytes for a key");
  }
  return ApiKey{.id = {chars->substr(0, kIdChars)}, .secret = chars->substr(kIdChars)};
}

SecretHmac HashSecret(base::HmacSha256Key& pepper, std::string_view secret) {
  return pepper.Of(std::as_bytes(std::span(secret)));
}

SecretHmac HashSecret(std::span<const std::byte> pepper, std::string_view secret) {
  return base::HmacSha256(pepper, std::as_bytes(std::span(secret)));
}

std::string_view KeyVerdictName(KeyVerdict verdict) {
  switch (verdict) {
    case KeyVerdict::kAccepted:
      return "accepted";
    case KeyVerdict::kUnknown:
      return "unknown";
    case KeyVerdict::kWrongSecret:
      return "wrong secret";
    case KeyVerdict::kExpired:
      return "expired";
    case KeyVerdict::kSuspended:
      return "suspended";
  }
  return "unknown";
}

std::string_view KeyRefusal(KeyVerdict verdict) {
  return verdict == KeyVerdict::kSuspended ? "the tenant is suspended"
                                           : "the API key is missing or not valid";
}

KeyVerdict CheckKey(const Key* key, const Tenant* tenant, const SecretHmac& hmac,
                    int64_t now_unix_ms) {
  static constexpr SecretHmac kNoSecret{};
  const bool known = key != nullptr && tenant != nullptr && key->tenant == tenant->id;
  const bool right = base::ConstantTimeEqual(known ? key->secret_hmac : kNoSecret, hmac);
  if (!known) return KeyVerdict::kUnknown;
  if (!right) return KeyVerdict::kWrongSecret;
  if (key->expires_unix_ms && now_unix_ms >= *key->expires_unix_ms) return KeyVerdict::kExpired;
  return tenant->suspended ? KeyVerdict::kSuspended : KeyVerdict::kAccepted;
}

}  // namespace bulkhead::tenant
