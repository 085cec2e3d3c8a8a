// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/check.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::string_view kMagic = "BHKEYRNG";
constexpr uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 44;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kKeyBytes = 32;
// Name, oldest and count of a key without versions.
constexpr std::size_t kEntryBytesMin = 13;

std::vector<std::byte> EncodeHead(const KeyringHead& head) {
  base::ByteWriter writer;
  writer.WriteBytes(std::as_bytes(std::span(kMagic)));
  writer.Write<uint32_t>(kVersion);
  writer.Write<uint32_t>(head.passphrase ? 1 : 0);
  writer.WriteBytes(head.salt);
  writer.WriteBytes(head.nonce);
  return std::move(writer).Take();
}

std::size_t BodyBytes(const Keyring& keyring) {
  std::size_t bytes = sizeof(uint32_t);
  for (const auto& [name, key] : keyring) {
    bytes += 3 * sizeof(uint32_t) + name.size() + key.versions.bytes().size();
  }
  return bytes;
}

base::Error Damaged() { return OperatorError(Code::kCorrupt, "the keyring is damaged"); }

base::Result<NamedKey> ReadKey(base::ByteReader& reader) {
  NamedKey key;
  key.oldest = reader.Read<uint32_t>();
  const std::size_t count = reader.ReadCount(kVersionsMax, kKeyBytes);
  const auto versions = reader.ReadBytes(count * kKeyBytes);
  if (!reader.ok() || key.oldest == 0 || key.oldest > UINT32_MAX - kVersionsMax) return Damaged();
  BH_ASSIGN(key.versions, base::SecretBytes::Allocate(versions.size()));
  std::ranges::copy(versions, key.versions.bytes().begin());
  return key;
}

base::Result<Keyring> ReadBody(std::span<const std::byte> body) {
  base::ByteReader reader(body);
  Keyring keyring;
  const std::size_t count = reader.ReadCount(kKeyringBytesMax, kEntryBytesMin);
  for (std::size_t at = 0; at < count; ++at) {
    std::string name = reader.ReadText(kNameBytesMax);
    BH_ASSIGN(NamedKey key, ReadKey(reader));
    const bool follows = keyring.empty() || keyring.rbegin()->first < name;
    if (!CheckKeyName(name).ok() || !follows) return Damaged();
    keyring.emplace(std::move(name), std::move(key));
  }
  if (!reader.finished()) return Damaged();
  return keyring;
}

}  // namespace

base::Aes256Key NamedKey::version(uint32_t number) const {
  BH_CHECK(number >= oldest && number - oldest < count());
  return versions.bytes().subspan((number - oldest) * kKeyBytes).first<kKeyBytes>();
}

base::Result<std::vector<std::byte>> EncodeKeyring(const Keyring& keyring, const KeyringHead& head,
                                                   base::Aes256Key key) {
  std::vector<std::byte> file = EncodeHead(head);
  const std::size_t body_bytes = BodyBytes(keyring);
  if (body_bytes > kKeyringBytesMax) {
    return OperatorError(Code::kExhausted, "the keyring is full");
  }
  base::ByteWriter writer;
  // At once: what grows leaves copies behind.
  writer.Reserve(body_bytes);
  writer.Write<uint32_t>(static_cast<uint32_t>(keyring.size()));
  for (const auto& [name, named] : keyring) {
    writer.WriteText(name);
    writer.Write<uint32_t>(named.oldest);
    writer.Write<uint32_t>(named.count());
    writer.WriteBytes(named.versions.bytes());
  }
  std::vector<std::byte> body = std::move(writer).Take();
  BH_CHECK(body.size() == body_bytes);
  base::GcmTag tag{};
  file.resize(kHeadBytes + body.size() + tag.size());
  base::Aes256Gcm cipher(key);
  tag = cipher.Seal(head.nonce, std::span(file).first(kHeadBytes), body,
                    std::span(file).subspan(kHeadBytes, body.size()));
  base::WipeBytes(body);
  std::ranges::copy(tag, file.end() - static_cast<std::ptrdiff_t>(tag.size()));
  return file;
}

base::Result<KeyringHead> DecodeKeyringHead(std::span<const std::byte> file) {
  if (file.size() < kMagic.size() || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) {
    return OperatorError(Code::kInvalid, "not a keyring");
  }
  base::ByteReader reader(file.subspan(kMagic.size()));
  const auto version = reader.Read<uint32_t>();
  const auto protection = reader.Read<uint32_t>();
  if (!reader.ok()) return Damaged();
  if (version != kVersion || protection > 1) {
    return OperatorError(Code::kUnsupported, "a keyring of format " + std::to_string(version) +
                                                 " with protection " + std::to_string(protection));
  }
  KeyringHead head;
  head.passphrase = protection == 1;
  const auto salt = reader.ReadBytes(head.salt.size());
  const auto nonce = reader.ReadBytes(head.nonce.size());
  if (!reader.ok()) return Damaged();
  std::ranges::copy(salt, head.salt.begin());
  std::ranges::copy(nonce, head.nonce.begin());
  return head;
}

base::Result<Keyring> DecodeKeyring(std::span<const std::byte> file, base::Aes256Key key) {
  BH_ASSIGN(const KeyringHead head, DecodeKeyringHead(file));
  base::GcmTag tag{};
  if (file.size() < kHeadBytes + tag.size() ||
      file.size() > kHeadBytes + tag.size() + kKeyringBytesMax) {
    return Damaged();
  }
  std::ranges::copy(file.last(tag.size()), tag.begin());
  const auto sealed = file.subspan(kHeadBytes, file.size() - kHeadBytes - tag.size());
  BH_ASSIGN(base::SecretBytes body, base::SecretBytes::Allocate(sealed.size()));
  base::Aes256Gcm cipher(key);
  if (!cipher.Open(head.nonce, file.first(kHeadBytes), sealed, tag, body.bytes())) {
    return OperatorError(Code::kDenied, head.passphrase
                                            ? "the keyring does not open: another passphrase than "
                                              "it was written with, or it was changed"
                                            : "the keyring was changed");
  }
  return ReadBody(body.bytes());
}

}  // namespace bulkhead::keys
