// SPDX-License-Identifier: Apache-2.0
#include "audit/verifier_key.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/base64.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/utf8.h"

namespace bulkhead::audit {
namespace {

constexpr std::byte kEd25519{1};
constexpr std::size_t kOriginBytesMax = 200;

std::array<std::byte, 1 + base::kEd25519KeyBytes> TypedKey(const VerifierKey& key) {
  std::array<std::byte, 1 + base::kEd25519KeyBytes> bytes{kEd25519};
  std::ranges::copy(key.key, bytes.begin() + 1);
  return bytes;
}

std::string IdText(const VerifierKey& key) {
  const std::string head = key.name + "\n";
  base::Sha256 sha256;
  sha256.Update(std::as_bytes(std::span(head)));
  sha256.Update(TypedKey(key));
  const base::Sha256Digest digest = sha256.Finish();
  return base::Hex(std::span(digest).first<4>());
}

// Unicode's White_Space beyond ASCII; a key's name may hold none.
bool IsSpace(uint32_t point) {
  return point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

}  // namespace

uint32_t KeyId(const VerifierKey& key) {
  uint32_t id = 0;
  const auto bytes = base::ParseHex(IdText(key));
  for (const std::byte byte : *bytes) id = id << 8 | std::to_integer<uint32_t>(byte);
  return id;
}

std::string FormatVerifierKey(const VerifierKey& key) {
  return key.name + "+" + IdText(key) + "+" + base::Base64(TypedKey(key));
}

base::Result<VerifierKey> ParseVerifierKey(std::string_view text) {
  const base::Error refused = base::PublicError(
      base::Code::kInvalid, "not the verifier key of a log: NAME+ID+KEY, with an Ed25519 key");
  const std::size_t name_end = text.find('+');
  if (name_end == std::string_view::npos || !CheckOrigin(text.substr(0, name_end)).ok()) {
    return refused;
  }
  const std::string_view rest = text.substr(name_end + 1);
  const std::size_t id_end = rest.find('+');
  if (id_end == std::string_view::npos) return refused;
  const auto typed = base::ParseBase64(rest.substr(id_end + 1));
  VerifierKey key{.name = std::string(text.substr(0, name_end))};
  if (!typed || typed->size() != 1 + key.key.size() || typed->front() != kEd25519) return refused;
  std::copy(typed->begin() + 1, typed->end(), key.key.begin());
  if (IdText(key) != rest.substr(0, id_end)) return refused;
  return key;
}

base::Status CheckOrigin(std::string_view name) {
  const base::Error refused = base::PublicError(
      base::Code::kInvalid, "a log's origin has 1 to 200 bytes, no spaces and no plus sign");
  if (name.empty() || name.size() > kOriginBytesMax) return refused;
  while (!name.empty()) {
    const base::Utf8Character character = base::FirstUtf8(name);
    if (character.length == 0 || character.point <= 0x20 || character.point == 0x7F ||
        character.point == '+' || IsSpace(character.point)) {
      return refused;
    }
    name.remove_prefix(character.length);
  }
  return base::Ok();
}

base::Result<Signer> MakeSigner(std::string_view origin, std::span<const std::byte> seed) {
  BH_TRY(CheckOrigin(origin));
  BH_ASSIGN(base::Ed25519Key opened, base::Ed25519Key::FromSeed(seed));
  const auto key = std::make_shared<base::Ed25519Key>(std::move(opened));
  return Signer{.key = {.name = std::string(origin), .key = key->PublicKey()},
                .sign = [key](std::span<const std::byte> message) {
                  return base::Result<base::Ed25519Signature>(key->Sign(message));
                }};
}

}  // namespace bulkhead::audit
