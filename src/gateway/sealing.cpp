// SPDX-License-Identifier: Apache-2.0
#include "gateway/sealing.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/secret_bytes.h"
#include "node/client.h"
#include "seal/sealed_file.h"
#include "seal/sealed_header.h"

namespace bulkhead::gateway {
namespace {

using base::Code;
using base::PublicError;
using base::Result;
using base::Status;

constexpr std::string_view kSealedMagic = "BHSEALED";

seal::SealedName NameOf(const store::ModelFile& file) {
  return {file.tenant.text, file.model.text, file.version};
}

std::string Describe(const seal::SealedName& name) {
  return fmt::format("version {} of {} of the tenant {}", name.version, name.model, name.tenant);
}

Result<node::Client> Connect(const SealingParts& parts) {
  auto client = node::Client::Connect(parts.node_socket, parts.answer_timeout);
  if (client.ok()) return client;
  return base::Error{Code::kUnavailable, "the node: " + client.error().detail,
                     "the node cannot be reached"};
}

bool IsSealed(std::span<const std::byte> body) {
  const auto magic = std::as_bytes(std::span(kSealedMagic));
  return body.size() >= magic.size() && std::ranges::equal(body.first(magic.size()), magic);
}

Result<base::UniqueFd> MemfdOf(std::size_t bytes) {
  base::UniqueFd memory(::memfd_create("model", MFD_CLOEXEC));
  if (!memory.valid()) return base::FileError(errno);
  const int error = ::posix_fallocate(memory.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) return base::FileError(error);
  return memory;
}

Result<tenant::ModelVersion> StorePlain(const SealingParts& parts, const store::ModelFile& target,
                                        std::vector<std::byte>& body) {
  BH_ASSIGN(const base::UniqueFd memfd, MemfdOf(body.size()));
  base::UniqueFd pages(::fcntl(memfd.get(), F_DUPFD_CLOEXEC, 0));
  if (!pages.valid()) return base::FileError(errno);
  // Wiped at the end, whatever comes of it.
  BH_ASSIGN(base::SecretBytes plain, base::SecretBytes::AdoptMemfd(std::move(pages), body.size()));
  std::ranges::copy(body, plain.bytes().begin());
  base::WipeBytes(body);
  BH_ASSIGN(store::ModelUpload upload, parts.files.Begin(target));
  BH_ASSIGN(node::Client client, Connect(parts));
  BH_ASSIGN(const node::Sealed sealed,
            client.Seal(NameOf(target), memfd.get(), upload.descriptor(), parts.answer_timeout));
  BH_TRY(upload.Finish());
  return tenant::ModelVersion{target.tenant,       target.model,       target.version,
                              sealed.plain_sha256, sealed.plain_bytes, 0};
}

Result<seal::DecodedHeader> HeaderOf(std::span<const std::byte> body,
                                     const store::ModelFile& target) {
  const auto decoded =
      seal::DecodeSealedHeader(body.first(std::min(body.size(), seal::kSealedHeaderBytesMax)));
  if (!decoded.ok()) return decoded.error();
  const seal::SealedName& name = decoded.value().header.name;
  if (name != NameOf(target)) {
    return PublicError(Code::kInvalid, fmt::format("the file is sealed as {}; this would be {}",
                                                   Describe(name), Describe(NameOf(target))));
  }
  if (body.size() != decoded.value().bytes + seal::BodyBytes(decoded.value().header)) {
    return PublicError(Code::kCorrupt, "the sealed model was cut short, or something follows it");
  }
  return decoded;
}

// The node takes it under its newest key, which shows that it has the key at all.
Result<tenant::ModelVersion> StoreSealed(const SealingParts& parts, const store::ModelFile& target,
                                         std::span<const std::byte> body) {
  BH_ASSIGN(const seal::DecodedHeader decoded, HeaderOf(body, target));
  BH_ASSIGN(const base::UniqueFd memfd, MemfdOf(body.size()));
  BH_TRY(base::WriteAt(memfd.get(), 0, body));
  BH_ASSIGN(node::Client client, Connect(parts));
  BH_ASSIGN(const std::vector<std::byte> header,
            client.Rewrap(NameOf(target), memfd.get(), parts.answer_timeout));
  BH_ASSIGN(store::ModelUpload upload, parts.files.Begin(target));
  BH_TRY(upload.Write(header));
  BH_TRY(upload.Write(body.subspan(decoded.bytes)));
  BH_TRY(upload.Finish());
  return tenant::ModelVersion{target.tenant,
                              target.model,
                              target.version,
                              decoded.header.plain_sha256,
                              decoded.header.plain_bytes,
                              0};
}

Status RewrapFile(const SealingParts& parts, const tenant::ModelVersion& record) {
  const store::ModelFile target = store::FileOf(record);
  BH_ASSIGN(const base::UniqueFd file, OpenSealed(parts.files, record));
  BH_ASSIGN(const seal::DecodedHeader decoded, seal::ReadSealedHeader(file.get()));
  BH_ASSIGN(node::Client client, Connect(parts));
  BH_ASSIGN(const std::vector<std::byte> header,
            client.Rewrap(NameOf(target), file.get(), parts.answer_timeout));
  // A new file in the place of the old one: what tears leaves one of the two whole.
  BH_ASSIGN(store::ModelUpload upload, parts.files.Begin(target));
  BH_TRY(upload.Write(header));
  BH_TRY(upload.CopyFrom(file.get(), decoded.bytes));
  BH_TRY(upload.Finish());
  return parts.files.Confirm(target);
}

}  // namespace

SecretBody TakeSecretBody(std::vector<std::byte>&& bytes) {
  auto wiped = [](std::vector<std::byte>* held) {
    base::WipeBytes(*held);
    delete held;
  };
  return {new std::vector<std::byte>(std::move(bytes)), wiped};
}

Result<tenant::ModelVersion> StoreModel(const SealingParts& parts, const store::ModelFile& target,
                                        const SecretBody& body) {
  if (body->empty()) return PublicError(Code::kInvalid, "the model is empty");
  if (IsSealed(*body)) return StoreSealed(parts, target, *body);
  return StorePlain(parts, target, *body);
}

Result<base::UniqueFd> OpenSealed(const store::ModelFiles& files,
                                  const tenant::ModelVersion& record) {
  const store::ModelFile target = store::FileOf(record);
  BH_ASSIGN(base::UniqueFd file, files.OpenFile(target));
  BH_ASSIGN(const seal::DecodedHeader decoded, seal::ReadSealedHeader(file.get()));
  const seal::SealedHeader& header = decoded.header;
  if (header.name != NameOf(target) || header.plain_sha256 != record.sha256 ||
      header.plain_bytes != record.bytes) {
    return base::OperatorError(Code::kCorrupt, "the model's file is " + Describe(header.name) +
                                                   ", or another model than was pushed as " +
                                                   Describe(NameOf(target)));
  }
  return file;
}

Result<node::KeyStatus> AskKey(const SealingParts& parts, node::KeyAction action,
                               const tenant::TenantId& tenant) {
  BH_ASSIGN(node::Client client, Connect(parts));
  return client.Key(action, tenant.text, parts.answer_timeout);
}

Result<node::KeyStatus> RotateKey(const SealingParts& parts, const tenant::TenantId& tenant,
                                  std::span<const tenant::ModelVersion> versions) {
  BH_TRY(AskKey(parts, node::KeyAction::kRotate, tenant));
  std::size_t done = 0;
  for (const tenant::ModelVersion& version : versions) {
    Status rewrapped = RewrapFile(parts, version);
    if (!rewrapped.ok()) {
      return base::WithContext(
          std::move(rewrapped).error(),
          fmt::format("{} of {} files have the new version of the key, and the old one goes on; "
                      "mend or delete {} version {}, and rotate again",
                      done, versions.size(), version.model.text, version.version));
    }
    ++done;
  }
  return AskKey(parts, node::KeyAction::kEndOldVersions, tenant);
}

}  // namespace bulkhead::gateway
