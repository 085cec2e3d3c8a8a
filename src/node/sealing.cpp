// SPDX-License-Identifier: Apache-2.0
#include "node/sealing.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/errno_error.h"
#include "base/random_bytes.h"
#include "base/sha256.h"
#include "keys/tenant_key.h"
#include "node/sealed_model.h"
#include "seal/seal.h"
#include "seal/sealed_file.h"
#include "seal/unseal.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;
using base::SecretBytes;
using base::Status;

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

// Not mapped: a client that makes it shorter meanwhile would end this process.
Status ReadBlocks(int memfd, uint64_t bytes,
                  const std::function<Status(std::span<const std::byte>)>& take) {
  BH_ASSIGN(SecretBytes block, SecretBytes::Allocate(std::min<uint64_t>(bytes, kBlockBytes)));
  for (uint64_t at = 0; at < bytes;) {
    const std::size_t wanted = std::min<uint64_t>(bytes - at, block.bytes().size());
    const ssize_t count = ::pread(memfd, block.bytes().data(), wanted, static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::ErrnoError(errno);
    if (count == 0) return OperatorError(Code::kCorrupt, "the model became shorter meanwhile");
    BH_TRY(take(block.bytes().first(static_cast<std::size_t>(count))));
    at += static_cast<uint64_t>(count);
  }
  return base::Ok();
}

Status CheckEmptyFile(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return base::ErrnoError(errno);
  if (S_ISREG(status.st_mode) && status.st_size == 0) return base::Ok();
  return OperatorError(Code::kInvalid, "a sealed model is written to an empty file");
}

Status CheckRegular(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return base::ErrnoError(errno);
  if (S_ISREG(status.st_mode)) return base::Ok();
  return OperatorError(Code::kInvalid, "the sealed model is no regular file");
}

keys::Purpose PurposeOf(const seal::SealedName& name) {
  return {name.tenant, name.model, name.version};
}

std::string Describe(const seal::SealedName& name) {
  return fmt::format("{} version {} of tenant {}", name.model, name.version, name.tenant);
}

// Pages that are there, of a size that stays.
base::Result<UnsealedModel> MakeMemfd(std::size_t bytes) {
  UnsealedModel model;
  model.memfd = base::UniqueFd(::memfd_create("weights", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!model.memfd.valid()) return base::ErrnoError(errno);
  // Otherwise a lack of memory would end this process when they are touched.
  const int error = ::posix_fallocate(model.memfd.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) return base::FileError(error);
  if (::fcntl(model.memfd.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return base::ErrnoError(errno);
  }
  base::UniqueFd pages(::fcntl(model.memfd.get(), F_DUPFD_CLOEXEC, 0));
  if (!pages.valid()) return base::ErrnoError(errno);
  BH_ASSIGN(model.bytes, SecretBytes::AdoptMemfd(std::move(pages), bytes));
  return model;
}

}  // namespace

base::Result<seal::KeyName> Sealing::KeyOf(const std::string& tenant) const {
  BH_ASSIGN(std::string key, keys::TenantKeyName(tenant));
  return seal::KeyName{parts_.provider_name, std::move(key)};
}

Status Sealing::CheckNotRevoked(const std::string& tenant) const {
  if (!parts_.revoked.Has(tenant)) return base::Ok();
  return OperatorError(Code::kDenied, "the key of tenant " + tenant +
                                          " is revoked here; bulkhead seal restore lets it go on");
}

base::Result<Sealed> Sealing::Seal(const seal::SealedName& name, int plain, int out) {
  BH_TRY(CheckNotRevoked(name.tenant));
  seal::SealedHeader header;
  header.name = name;
  BH_ASSIGN(header.key, KeyOf(name.tenant));
  BH_TRY(CheckEmptyFile(out));
  const auto bytes = MemfdBytes(plain, kModelBytesMax);
  if (!bytes.ok()) return base::WithContext(bytes.error(), "the model");
  header.plain_bytes = bytes.value();
  base::Sha256 digest;
  BH_TRY(ReadBlocks(plain, header.plain_bytes, [&digest](std::span<const std::byte> block) {
    digest.Update(block);
    return base::Ok();
  }));
  header.plain_sha256 = digest.Finish();
  BH_ASSIGN(SecretBytes data_key, SecretBytes::Allocate(keys::kDataKeyBytes));
  BH_TRY(base::FillRandom(data_key.bytes()));
  const auto key = data_key.bytes().first<keys::kDataKeyBytes>();
  BH_ASSIGN(header.wrapped_key, keys::WrapForTenant(parts_.provider, PurposeOf(name), key));
  uint64_t at = 0;
  const seal::Sink write = [out, &at](std::span<const std::byte> piece) -> Status {
    BH_TRY(base::WriteAt(out, at, piece));
    at += piece.size();
    return base::Ok();
  };
  BH_ASSIGN(seal::Sealer sealer, seal::Sealer::Begin(header, key, write));
  BH_TRY(ReadBlocks(plain, header.plain_bytes,
                    [&sealer](std::span<const std::byte> block) { return sealer.Write(block); }));
  Status finished = sealer.Finish();
  if (!finished.ok()) {
    return base::OperatorError(Code::kCorrupt, "the model changed while it was sealed");
  }
  return Sealed{0, header.plain_sha256, header.plain_bytes, header.key};
}

base::Result<seal::DecodedHeader> Sealing::ReadHeader(const seal::SealedName& name,
                                                      int file) const {
  BH_ASSIGN(const seal::KeyName key, KeyOf(name.tenant));
  BH_TRY(CheckRegular(file));
  BH_ASSIGN(seal::DecodedHeader decoded, seal::ReadSealedHeader(file));
  if (decoded.header.name != name) {
    return OperatorError(Code::kCorrupt, "the sealed file is " + Describe(decoded.header.name) +
                                             " instead of " + Describe(name));
  }
  if (decoded.header.key != key) {
    return OperatorError(
        Code::kCorrupt,
        fmt::format("the file is sealed under the key {}:{} instead of {}:{}",
                    decoded.header.key.provider, decoded.header.key.key, key.provider, key.key));
  }
  return decoded;
}

base::Result<UnsealedModel> Sealing::Unseal(const UnsealOrder& order, int file) {
  BH_ASSIGN(const seal::DecodedHeader decoded, ReadHeader(order.model, file));
  BH_TRY(CheckNotRevoked(order.model.tenant));
  const uint64_t bytes_max = std::min<uint64_t>(order.plain_bytes_max, kModelBytesMax);
  if (decoded.header.plain_bytes > bytes_max) {
    return OperatorError(Code::kInvalid, fmt::format("the model has {} bytes; at most {} fit",
                                                     decoded.header.plain_bytes, bytes_max));
  }
  const Status recorded = parts_.record({order.model, decoded.header.key, order.worker});
  if (!recorded.ok()) {
    return base::WithContext(recorded.error(), "the key is not released: it cannot be recorded");
  }
  BH_ASSIGN(const SecretBytes data_key,
            parts_.provider.Unwrap(decoded.header.key.key, PurposeOf(order.model),
                                   decoded.header.wrapped_key));
  if (data_key.bytes().size() != keys::kDataKeyBytes) {
    return OperatorError(Code::kCorrupt, "the key provider gave no data key");
  }
  BH_ASSIGN(UnsealedModel model, MakeMemfd(decoded.header.plain_bytes));
  BH_TRY(seal::Unseal(file, decoded, data_key.bytes().first<keys::kDataKeyBytes>(),
                      model.bytes.bytes()));
  return model;
}

base::Result<Rewrapped> Sealing::Rewrap(const seal::SealedName& name, int file) {
  BH_ASSIGN(const seal::DecodedHeader decoded, ReadHeader(name, file));
  seal::SealedHeader header = decoded.header;
  BH_ASSIGN(header.wrapped_key, parts_.provider.Rewrap(decoded.header.key.key, PurposeOf(name),
                                                       decoded.header.wrapped_key));
  BH_ASSIGN(std::vector<std::byte> bytes, seal::EncodeSealedHeader(header));
  return Rewrapped{0, std::move(bytes)};
}

Status Sealing::Act(KeyAction action, const std::string& tenant, const std::string& key) {
  switch (action) {
    case KeyAction::kDescribe:
      return base::Ok();
    case KeyAction::kRotate:
      return parts_.provider.Rotate(key);
    case KeyAction::kEndOldVersions:
      return parts_.provider.EndOldVersions(key);
    case KeyAction::kRevoke:
      return parts_.revoked.Set(tenant, true);
    case KeyAction::kRestore:
      return parts_.revoked.Set(tenant, false);
    case KeyAction::kDestroy:
      return parts_.provider.Destroy(key);
  }
  return base::Ok();
}

base::Result<KeyStatus> Sealing::Obey(const KeyOrder& order) {
  KeyStatus status;
  BH_ASSIGN(status.key, KeyOf(order.tenant));
  BH_TRY(Act(order.action, order.tenant, status.key.key));
  status.revoked = parts_.revoked.Has(order.tenant);
  const auto state = parts_.provider.Describe(status.key.key);
  if (!state.ok() && state.error().code != Code::kNotFound) return state.error();
  status.exists = state.ok();
  if (state.ok()) {
    status.oldest = state.value().oldest;
    status.newest = state.value().newest;
  }
  return status;
}

}  // namespace bulkhead::node
