// SPDX-License-Identifier: Apache-2.0
#include "keys/pkcs11_provider.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/random_bytes.h"
#include "keys/pkcs11_token.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kVersionsMax = 1000;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kWrappedBytes = 4 + kSaltBytes + kDataKeyBytes + 16;
// The id of the object that stays when a key is destroyed.
constexpr uint32_t kMark = 0;

using Salt = std::array<std::byte, kSaltBytes>;

base::Error NotTheirs() {
  return OperatorError(Code::kCorrupt,
                       "the wrapped key is not one of this key's, or for something else");
}

std::string Label(const std::string& key) { return "bulkhead " + key; }

// The versions of one key, of which there is at least one.
struct Versions {
  std::vector<TokenKey> keys;

  [[nodiscard]] uint32_t oldest() const { return keys.front().version; }
  [[nodiscard]] uint32_t newest() const { return keys.back().version; }
  [[nodiscard]] const TokenKey* Find(uint32_t version) const {
    const auto found = std::ranges::find(keys, version, &TokenKey::version);
    return found == keys.end() ? nullptr : &*found;
  }
};

class Pkcs11Provider final : public KeyProvider {
 public:
  Pkcs11Provider(std::unique_ptr<Pkcs11Module> module, Pkcs11Place place)
      : token_(std::move(module), std::move(place.token), std::move(place.serial),
               std::move(place.pin)) {}

  base::Status Connect() { return token_.Ready(); }

  base::Status Create(const std::string& key) override;
  base::Result<KeyState> Describe(const std::string& key) override;
  base::Result<std::vector<std::byte>> Wrap(const std::string& key, const Purpose& purpose,
                                            base::Aes256Key data_key) override;
  base::Result<base::SecretBytes> Unwrap(const std::string& key, const Purpose& purpose,
                                         std::span<const std::byte> wrapped) override;
  base::Result<std::vector<std::byte>> Rewrap(const std::string& key, const Purpose& purpose,
                                              std::span<const std::byte> wrapped) override;
  base::Status Rotate(const std::string& key) override;
  base::Status EndOldVersions(const std::string& key) override;
  base::Status Destroy(const std::string& key) override;

 private:
  base::Result<Versions> Find(const std::string& key);
  base::Status DestroyAll(std::span<const TokenKey> keys);
  // Adds a version; another process that adds the same at the same time makes both fail.
  base::Status Add(const std::string& key, uint32_t version);
  // What one data key is under: known to whoever has the token, the salt and the purpose.
  base::Result<base::SecretBytes> KeyOf(const TokenKey& version, const Salt& salt,
                                        const Purpose& purpose);

  Pkcs11Token token_;
};

base::Status Pkcs11Provider::DestroyAll(std::span<const TokenKey> keys) {
  for (const TokenKey& key : keys) BH_TRY(token_.Destroy(key));
  return base::Ok();
}

base::Result<Versions> Pkcs11Provider::Find(const std::string& key) {
  BH_TRY(CheckKeyName(key));
  BH_TRY(token_.Ready());
  BH_ASSIGN(std::vector<TokenKey> keys, token_.Find(Label(key)));
  if (keys.empty()) return OperatorError(Code::kNotFound, "there is no key " + key);
  if (keys.front().version == kMark) {
    // What ended in the middle of destroying it left the rest to us.
    keys.erase(keys.begin());
    std::erase_if(keys, [](const TokenKey& other) { return other.version == kMark; });
    BH_TRY(DestroyAll(keys));
    return OperatorError(Code::kNotFound, "the key " + key + " was destroyed");
  }
  if (std::ranges::adjacent_find(keys, {}, &TokenKey::version) != keys.end()) {
    return OperatorError(Code::kCorrupt,
                         "the token has two objects for one version of the key " + key);
  }
  return Versions{std::move(keys)};
}

base::Status Pkcs11Provider::Add(const std::string& key, uint32_t version) {
  BH_ASSIGN(const TokenKey made, token_.Generate(Label(key), version, true));
  BH_ASSIGN(const std::vector<TokenKey> keys, token_.Find(Label(key)));
  const bool alone =
      std::ranges::count(keys, version, &TokenKey::version) == 1 && keys.front().version != kMark;
  if (alone) return base::Ok();
  BH_TRY(token_.Destroy(made));
  return OperatorError(Code::kConflict,
                       "another process changed the key " + key + " at the same time");
}

base::Status Pkcs11Provider::Create(const std::string& key) {
  const auto found = Find(key);
  if (found.ok()) return OperatorError(Code::kConflict, "there is a key " + key);
  if (found.error().code != Code::kNotFound) return found.error();
  BH_ASSIGN(const std::vector<TokenKey> marks, token_.Find(Label(key)));
  if (!marks.empty()) return OperatorError(Code::kConflict, "there was a key " + key);
  return Add(key, 1);
}

base::Result<KeyState> Pkcs11Provider::Describe(const std::string& key) {
  BH_ASSIGN(const Versions versions, Find(key));
  return KeyState{versions.oldest(), versions.newest()};
}

base::Result<base::SecretBytes> Pkcs11Provider::KeyOf(const TokenKey& version, const Salt& salt,
                                                      const Purpose& purpose) {
  base::ByteWriter message;
  message.WriteText("bulkhead data key 1");
  message.WriteBytes(salt);
  message.WriteBytes(EncodePurpose(purpose));
  return token_.Mac(version, std::move(message).Take());
}

base::Result<std::vector<std::byte>> Pkcs11Provider::Wrap(const std::string& key,
                                                          const Purpose& purpose,
                                                          base::Aes256Key data_key) {
  BH_ASSIGN(const Versions versions, Find(key));
  BH_TRY(CheckPurpose(purpose));
  Salt salt{};
  BH_TRY(base::FillRandom(salt));
  BH_ASSIGN(const base::SecretBytes once, KeyOf(versions.keys.back(), salt, purpose));
  std::array<std::byte, kDataKeyBytes> sealed{};
  base::Aes256Gcm cipher(once.bytes().first<kDataKeyBytes>());
  // No salt comes twice, so that one nonce is enough for its key.
  const base::GcmTag tag = cipher.Seal({}, EncodePurpose(purpose), data_key, sealed);
  base::ByteWriter writer;
  writer.Write<uint32_t>(versions.newest());
  writer.WriteBytes(salt);
  writer.WriteBytes(sealed);
  writer.WriteBytes(tag);
  return std::move(writer).Take();
}

base::Result<base::SecretBytes> Pkcs11Provider::Unwrap(const std::string& key,
                                                       const Purpose& purpose,
                                                       std::span<const std::byte> wrapped) {
  BH_ASSIGN(const Versions versions, Find(key));
  BH_TRY(CheckPurpose(purpose));
  if (wrapped.size() != kWrappedBytes) return NotTheirs();
  base::ByteReader reader(wrapped);
  const auto number = reader.Read<uint32_t>();
  if (number == kMark || number > versions.newest()) return NotTheirs();
  const TokenKey* const version = versions.Find(number);
  if (version == nullptr) {
    return OperatorError(Code::kNotFound,
                         "version " + std::to_string(number) + " of the key " + key + " was ended");
  }
  Salt salt{};
  std::ranges::copy(reader.ReadBytes(salt.size()), salt.begin());
  const auto sealed = reader.ReadBytes(kDataKeyBytes);
  base::GcmTag tag{};
  std::ranges::copy(reader.ReadBytes(tag.size()), tag.begin());
  BH_ASSIGN(const base::SecretBytes once, KeyOf(*version, salt, purpose));
  BH_ASSIGN(base::SecretBytes data_key, base::SecretBytes::Allocate(kDataKeyBytes));
  base::Aes256Gcm cipher(once.bytes().first<kDataKeyBytes>());
  if (cipher.Open({}, EncodePurpose(purpose), sealed, tag, data_key.bytes())) return data_key;
  return NotTheirs();
}

base::Result<std::vector<std::byte>> Pkcs11Provider::Rewrap(const std::string& key,
                                                            const Purpose& purpose,
                                                            std::span<const std::byte> wrapped) {
  BH_ASSIGN(const base::SecretBytes data_key, Unwrap(key, purpose, wrapped));
  return Wrap(key, purpose, data_key.bytes().first<kDataKeyBytes>());
}

base::Status Pkcs11Provider::Rotate(const std::string& key) {
  BH_ASSIGN(const Versions versions, Find(key));
  if (versions.keys.size() >= kVersionsMax || versions.newest() == UINT32_MAX) {
    return OperatorError(Code::kExhausted,
                         "the key " + key + " has too many versions; end the old ones");
  }
  return Add(key, versions.newest() + 1);
}

base::Status Pkcs11Provider::EndOldVersions(const std::string& key) {
  BH_ASSIGN(const Versions versions, Find(key));
  return DestroyAll(std::span(versions.keys).first(versions.keys.size() - 1));
}

base::Status Pkcs11Provider::Destroy(const std::string& key) {
  BH_ASSIGN(const Versions versions, Find(key));
  // First what says so: from then on the name is never given again, and the key never used.
  BH_TRY(token_.Generate(Label(key), kMark, false));
  return DestroyAll(versions.keys);
}

}  // namespace

base::Result<std::unique_ptr<KeyProvider>> OpenPkcs11Provider(Pkcs11Place place) {
  BH_ASSIGN(std::unique_ptr<Pkcs11Module> module, Pkcs11Module::Load(place.module));
  auto provider = std::make_unique<Pkcs11Provider>(std::move(module), std::move(place));
  BH_TRY(provider->Connect());
  return std::unique_ptr<KeyProvider>(std::move(provider));
}

}  // namespace bulkhead::keys
