// SPDX-License-Identifier: Apache-2.0
#include "keys/file_provider.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/disk.h"
#include "base/private_folder.h"
#include "base/random_bytes.h"
#include "keys/keyring.h"
#include "keys/passphrase_key.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kWrappedBytes = 4 + 12 + kDataKeyBytes + 16;

base::Error NotTheirs() {
  return OperatorError(Code::kCorrupt,
                       "the wrapped key is not one of this key's, or for something else");
}

base::Result<std::vector<std::byte>> ReadWhole(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return base::FileError(errno);
  if (status.st_size > static_cast<off_t>(kKeyringBytesMax + 4096)) {
    return OperatorError(Code::kCorrupt, "the keyring is larger than one can be");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

class FileProvider final : public KeyProvider {
 public:
  FileProvider(base::UniqueFd folder, std::string name, base::UniqueFd lock)
      : folder_(std::move(folder)), name_(std::move(name)), lock_(std::move(lock)) {}

  base::Status Load(std::optional<base::SecretBytes> passphrase);

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
  base::Status Protect(const KeyringHead& head, std::optional<base::SecretBytes> passphrase);
  base::Result<NamedKey*> Find(const std::string& key);
  // Puts `changed` in the place of the key's versions, on the disk first.
  base::Status Replace(const std::string& key, NamedKey changed);
  [[nodiscard]] base::Status Save();

  base::UniqueFd folder_;
  std::string name_;
  base::UniqueFd lock_;
  KeyringHead head_;
  base::SecretBytes file_key_;
  Keyring keyring_;
};

base::Status FileProvider::Protect(const KeyringHead& head,
                                   std::optional<base::SecretBytes> passphrase) {
  head_ = head;
  if (head.passphrase != passphrase.has_value()) {
    return OperatorError(Code::kDenied, head.passphrase ? "the keyring has a passphrase; give it"
                                                        : "the keyring has no passphrase, and one "
                                                          "was given");
  }
  if (passphrase) {
    BH_ASSIGN(file_key_, PassphraseKey(passphrase->bytes(), head.salt));
    return base::Ok();
  }
  BH_ASSIGN(file_key_, base::SecretBytes::Allocate(kDataKeyBytes));
  return base::Ok();
}

base::Status FileProvider::Load(std::optional<base::SecretBytes> passphrase) {
  auto file = base::OpenPrivateFile(folder_.get(), name_);
  if (!file.ok() && file.error().code == Code::kNotFound) {
    KeyringHead head;
    head.passphrase = passphrase.has_value();
    if (head.passphrase) BH_TRY(base::FillRandom(head.salt));
    BH_TRY(Protect(head, std::move(passphrase)));
    return Save();
  }
  if (!file.ok()) return std::move(file).error();
  BH_ASSIGN(const std::vector<std::byte> bytes, ReadWhole(file.value().get()));
  BH_ASSIGN(const KeyringHead head, DecodeKeyringHead(bytes));
  BH_TRY(Protect(head, std::move(passphrase)));
  BH_ASSIGN(keyring_, DecodeKeyring(bytes, file_key_.bytes().first<kDataKeyBytes>()));
  return base::Ok();
}

base::Status FileProvider::Save() {
  BH_TRY(base::FillRandom(head_.nonce));
  BH_ASSIGN(const std::vector<std::byte> bytes,
            EncodeKeyring(keyring_, head_, file_key_.bytes().first<kDataKeyBytes>()));
  const std::string beside = name_ + ".new";
  // What a crash left there.
  ::unlinkat(folder_.get(), beside.c_str(), 0);
  BH_ASSIGN(const base::UniqueFd file, base::MakePrivateFile(folder_.get(), beside));
  base::Status written = base::WriteAt(file.get(), 0, bytes);
  if (written.ok()) written = base::SyncFd(file.get());
  if (written.ok() &&
      ::renameat(folder_.get(), beside.c_str(), folder_.get(), name_.c_str()) != 0) {
    written = base::FileError(errno);
  }
  if (!written.ok()) {
    ::unlinkat(folder_.get(), beside.c_str(), 0);
    return written;
  }
  return base::SyncFd(folder_.get());
}

base::Result<NamedKey*> FileProvider::Find(const std::string& key) {
  BH_TRY(CheckKeyName(key));
  const auto found = keyring_.find(key);
  if (found != keyring_.end() && found->second.count() > 0) return &found->second;
  return OperatorError(Code::kNotFound, found == keyring_.end()
                                            ? "there is no key " + key
                                            : "the key " + key + " was destroyed");
}

base::Status FileProvider::Replace(const std::string& key, NamedKey changed) {
  NamedKey& named = keyring_[key];
  std::swap(named, changed);
  base::Status saved = Save();
  if (!saved.ok()) std::swap(keyring_[key], changed);
  return saved;
}

base::Status FileProvider::Create(const std::string& key) {
  BH_TRY(CheckKeyName(key));
  if (keyring_.contains(key)) {
    return OperatorError(Code::kConflict, "there is, or was, a key " + key);
  }
  NamedKey made;
  BH_ASSIGN(made.versions, base::SecretBytes::Allocate(kDataKeyBytes));
  BH_TRY(base::FillRandom(made.versions.bytes()));
  base::Status kept = Replace(key, std::move(made));
  if (!kept.ok()) keyring_.erase(key);
  return kept;
}

base::Result<KeyState> FileProvider::Describe(const std::string& key) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  return KeyState{named->oldest, named->newest()};
}

base::Result<std::vector<std::byte>> FileProvider::Wrap(const std::string& key,
                                                        const Purpose& purpose,
                                                        base::Aes256Key data_key) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  BH_TRY(CheckPurpose(purpose));
  base::GcmNonce nonce{};
  BH_TRY(base::FillRandom(nonce));
  std::array<std::byte, kDataKeyBytes> sealed{};
  base::Aes256Gcm cipher(named->version(named->newest()));
  const base::GcmTag tag = cipher.Seal(nonce, EncodePurpose(purpose), data_key, sealed);
  base::ByteWriter writer;
  writer.Write<uint32_t>(named->newest());
  writer.WriteBytes(nonce);
  writer.WriteBytes(sealed);
  writer.WriteBytes(tag);
  return std::move(writer).Take();
}

base::Result<base::SecretBytes> FileProvider::Unwrap(const std::string& key, const Purpose& purpose,
                                                     std::span<const std::byte> wrapped) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  BH_TRY(CheckPurpose(purpose));
  if (wrapped.size() != kWrappedBytes) return NotTheirs();
  base::ByteReader reader(wrapped);
  const auto number = reader.Read<uint32_t>();
  if (number == 0 || number > named->newest()) return NotTheirs();
  if (number < named->oldest) {
    return OperatorError(Code::kNotFound, "version " + std::to_string(number) + " of the key " +
                                              key + " was ended; the oldest is " +
                                              std::to_string(named->oldest));
  }
  base::GcmNonce nonce{};
  base::GcmTag tag{};
  std::ranges::copy(reader.ReadBytes(nonce.size()), nonce.begin());
  const auto sealed = reader.ReadBytes(kDataKeyBytes);
  std::ranges::copy(reader.ReadBytes(tag.size()), tag.begin());
  BH_ASSIGN(base::SecretBytes data_key, base::SecretBytes::Allocate(kDataKeyBytes));
  base::Aes256Gcm cipher(named->version(number));
  if (cipher.Open(nonce, EncodePurpose(purpose), sealed, tag, data_key.bytes())) return data_key;
  return NotTheirs();
}

base::Result<std::vector<std::byte>> FileProvider::Rewrap(const std::string& key,
                                                          const Purpose& purpose,
                                                          std::span<const std::byte> wrapped) {
  BH_ASSIGN(const base::SecretBytes data_key, Unwrap(key, purpose, wrapped));
  return Wrap(key, purpose, data_key.bytes().first<kDataKeyBytes>());
}

base::Status FileProvider::Rotate(const std::string& key) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  if (named->count() == kVersionsMax) {
    return OperatorError(Code::kExhausted,
                         "the key " + key + " has too many versions; end the old ones");
  }
  NamedKey rotated;
  rotated.oldest = named->oldest;
  const auto versions = named->versions.bytes();
  BH_ASSIGN(rotated.versions, base::SecretBytes::Allocate(versions.size() + kDataKeyBytes));
  std::ranges::copy(versions, rotated.versions.bytes().begin());
  BH_TRY(base::FillRandom(rotated.versions.bytes().last(kDataKeyBytes)));
  return Replace(key, std::move(rotated));
}

base::Status FileProvider::EndOldVersions(const std::string& key) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  NamedKey kept;
  kept.oldest = named->newest();
  BH_ASSIGN(kept.versions, base::SecretBytes::Allocate(kDataKeyBytes));
  std::ranges::copy(named->version(kept.oldest), kept.versions.bytes().begin());
  return Replace(key, std::move(kept));
}

base::Status FileProvider::Destroy(const std::string& key) {
  BH_ASSIGN(const NamedKey* named, Find(key));
  NamedKey ended;
  ended.oldest = named->oldest;
  return Replace(key, std::move(ended));
}

// Held by one process for as long as it has the descriptor.
base::Result<base::UniqueFd> HoldLock(int folder, const std::string& name) {
  base::UniqueFd lock(
      ::openat(folder, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock.valid()) return base::FileError(errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return base::FileError(errno);
  return OperatorError(Code::kConflict, "another process has the keyring open");
}

}  // namespace

base::Result<std::unique_ptr<KeyProvider>> OpenFileProvider(
    const std::filesystem::path& path, std::optional<base::SecretBytes> passphrase) {
  const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
  base::UniqueFd folder(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return base::WithContext(base::FileError(errno), "the keyring's folder");
  const std::string name = path.filename();
  BH_ASSIGN(base::UniqueFd lock, HoldLock(folder.get(), name + ".lock"));
  auto provider = std::make_unique<FileProvider>(std::move(folder), name, std::move(lock));
  BH_TRY(provider->Load(std::move(passphrase)));
  return std::unique_ptr<KeyProvider>(std::move(provider));
}

}  // namespace bulkhead::keys
