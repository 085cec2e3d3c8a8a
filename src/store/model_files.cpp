// SPDX-License-Identifier: Apache-2.0
#include "store/model_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/hex.h"
#include "base/private_folder.h"
#include "base/random_bytes.h"
#include "tenant/names.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Sha256Digest;
using base::Status;

// A tenant's id has 16 characters: no folder of one has this name.
constexpr const char* kUploads = "uploads";
constexpr std::size_t kBlockBytes = std::size_t{1} << 18U;

Status CheckTenant(const tenant::TenantId& tenant) {
  if (tenant::IsIdText(tenant.text)) return base::Ok();
  return OperatorError(Code::kInvalid, "the tenant's id is none");
}

std::optional<Sha256Digest> ParseDigest(std::string_view name) {
  const auto bytes = base::ParseHex(name);
  Sha256Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

// The names in a folder.
base::Result<std::vector<std::string>> Names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return base::FileError(error.value());
  return names;
}

Status WriteAll(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return base::Ok();
}

// What is hashed is what was copied, whatever happens to the file meanwhile.
base::Result<Sha256Digest> Copy(int source, int target, uint64_t bytes) {
  base::Sha256 digest;
  std::vector<std::byte> block(kBlockBytes);
  for (uint64_t copied = 0;;) {
    const ssize_t count = ::read(source, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::FileError(errno);
    const auto piece = std::span(block).first(static_cast<std::size_t>(count));
    copied += piece.size();
    if (copied > bytes || (piece.empty() && copied < bytes)) {
      return OperatorError(Code::kCorrupt, "the model's file does not have its size");
    }
    if (piece.empty()) return digest.Finish();
    digest.Update(piece);
    BH_TRY(WriteAll(target, piece));
  }
}

}  // namespace

ModelFiles::ModelFiles(std::filesystem::path path, base::UniqueFd folder, base::UniqueFd uploads)
    : path_(std::move(path)), folder_(std::move(folder)), uploads_(std::move(uploads)) {}

base::Result<std::unique_ptr<ModelFiles>> ModelFiles::Open(const std::filesystem::path& folder) {
  BH_ASSIGN(base::UniqueFd root, base::OpenPrivateFolder(AT_FDCWD, folder.string()));
  BH_ASSIGN(base::UniqueFd uploads, base::OpenPrivateFolder(root.get(), kUploads));
  if (::flock(uploads.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return base::FileError(errno);
    return OperatorError(Code::kConflict, "another process has the model files open");
  }
  std::unique_ptr<ModelFiles> files(new ModelFiles(folder, std::move(root), std::move(uploads)));
  BH_TRY(files->RemoveUploads());
  return files;
}

Status ModelFiles::RemoveUploads() const {
  BH_ASSIGN(const auto names, Names(path_ / kUploads));
  for (const std::string& name : names) {
    if (::unlinkat(uploads_.get(), name.c_str(), 0) != 0) {
      return base::WithContext(base::FileError(errno), "an old upload");
    }
  }
  return base::Ok();
}

base::Result<ModelUpload> ModelFiles::Begin(const tenant::TenantId& tenant, uint64_t bytes_max) {
  BH_TRY(CheckTenant(tenant));
  std::array<std::byte, 16> random{};
  BH_TRY(base::FillRandom(random));
  std::string name = base::Hex(random);
  BH_ASSIGN(base::UniqueFd file, base::MakePrivateFile(uploads_.get(), name));
  return ModelUpload(*this, tenant, std::move(name), std::move(file), bytes_max);
}

Status ModelFiles::Keep(const std::string& upload, const tenant::TenantId& tenant,
                        const Sha256Digest& sha256) {
  const std::scoped_lock lock(tenant_folders_);
  BH_ASSIGN(const base::UniqueFd folder, base::OpenPrivateFolder(folder_.get(), tenant.text));
  const std::string name = base::Hex(sha256);
  if (::renameat(uploads_.get(), upload.c_str(), folder.get(), name.c_str()) != 0) {
    return base::FileError(errno);
  }
  return base::SyncFd(folder.get());
}

base::Result<base::UniqueFd> ModelFiles::Load(const tenant::ModelVersion& model) const {
  BH_TRY(CheckTenant(model.tenant));
  BH_ASSIGN(const base::UniqueFd folder, base::FindPrivateFolder(folder_.get(), model.tenant.text));
  BH_ASSIGN(const base::UniqueFd file,
            base::OpenPrivateFile(folder.get(), base::Hex(model.sha256)));
  base::UniqueFd memory(::memfd_create("model", MFD_CLOEXEC));
  if (!memory.valid()) return base::FileError(errno);
  BH_ASSIGN(const Sha256Digest digest, Copy(file.get(), memory.get(), model.bytes));
  if (digest != model.sha256) {
    return OperatorError(Code::kCorrupt, "the model's file does not have its digest");
  }
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) return base::FileError(errno);
  return memory;
}

Status ModelFiles::Remove(const tenant::TenantId& tenant, const Sha256Digest& sha256) {
  BH_TRY(CheckTenant(tenant));
  const std::scoped_lock lock(tenant_folders_);
  BH_ASSIGN(const base::UniqueFd folder, base::FindPrivateFolder(folder_.get(), tenant.text));
  const std::string name = base::Hex(sha256);
  BH_TRY(base::OpenPrivateFile(folder.get(), name));
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0) return base::FileError(errno);
  BH_TRY(base::SyncFd(folder.get()));
  // The last one takes the tenant's folder along; one that is not empty stays.
  if (::unlinkat(folder_.get(), tenant.text.c_str(), AT_REMOVEDIR) == 0)
    return base::SyncFd(folder_.get());
  return base::Ok();
}

base::Result<ModelFiles::Orphans> ModelFiles::FindOrphans(
    std::span<const tenant::ModelVersion> models) const {
  std::vector<StoredModel> used;
  used.reserve(models.size());
  for (const tenant::ModelVersion& model : models) used.push_back({model.tenant, model.sha256});
  std::ranges::sort(used);
  Orphans found;
  BH_ASSIGN(const auto folders, Names(path_));
  for (const std::string& tenant : folders) {
    if (tenant == kUploads) continue;
    const auto folder = base::FindPrivateFolder(folder_.get(), tenant);
    if (!tenant::IsIdText(tenant) || !folder.ok()) {
      found.strange.push_back(tenant);
      continue;
    }
    BH_ASSIGN(const auto names, Names(path_ / tenant));
    for (const std::string& name : names) {
      const auto digest = ParseDigest(name);
      if (!digest || !base::OpenPrivateFile(folder.value().get(), name).ok()) {
        found.strange.push_back((std::filesystem::path(tenant) / name).string());
      } else if (const StoredModel model{{tenant}, *digest};
                 !std::ranges::binary_search(used, model)) {
        found.models.push_back(model);
      }
    }
  }
  std::ranges::sort(found.models);
  std::ranges::sort(found.strange);
  return found;
}

}  // namespace bulkhead::store
