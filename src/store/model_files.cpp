// SPDX-License-Identifier: Apache-2.0
#include "store/model_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/hex.h"
#include "base/private_folder.h"
#include "base/random_bytes.h"
#include "base/sha256.h"
#include "tenant/names.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Status;

// A tenant's id has 16 characters: no folder of one has this name.
constexpr const char* kUploads = "uploads";

Status CheckFile(const ModelFile& file) {
  if (tenant::IsIdText(file.tenant.text) && tenant::IsModelName(file.model.text)) {
    return base::Ok();
  }
  return OperatorError(Code::kInvalid, "the model's file has no such name");
}

// What FileNameOf wrote.
std::optional<ModelFile> ParseFileName(const tenant::TenantId& tenant, std::string_view name) {
  const std::size_t at = name.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  ModelFile file{tenant, {std::string(name.substr(0, at))}, 0};
  const std::string_view number = name.substr(at + 1);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), file.version);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  // Numbers have one form.
  if (!CheckFile(file).ok() || file.version == 0 || FileNameOf(file) != name) return std::nullopt;
  return file;
}

// A file below uploads/ that says: this one is finished, and its record may not be there.
std::string MarkOf(const ModelFile& file) { return file.tenant.text + "." + FileNameOf(file); }

std::optional<ModelFile> ParseMark(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  return ParseFileName({std::string(name.substr(0, dot))}, name.substr(dot + 1));
}

bool IsDigest(std::string_view name) {
  const auto bytes = base::ParseHex(name);
  return bytes && bytes->size() == base::Sha256Digest().size();
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

std::vector<ModelFile> Sorted(std::span<const tenant::ModelVersion> models) {
  std::vector<ModelFile> files;
  files.reserve(models.size());
  for (const tenant::ModelVersion& model : models) files.push_back(FileOf(model));
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string FileNameOf(const ModelFile& file) {
  return file.model.text + "@" + std::to_string(file.version);
}

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
    if (ParseMark(name)) continue;  // RemoveUnconfirmed
    if (::unlinkat(uploads_.get(), name.c_str(), 0) != 0) {
      return base::WithContext(base::FileError(errno), "an old upload");
    }
  }
  return base::Ok();
}

base::Result<ModelUpload> ModelFiles::Begin(const ModelFile& target) {
  BH_TRY(CheckFile(target));
  std::array<std::byte, 16> random{};
  BH_TRY(base::FillRandom(random));
  std::string name = base::Hex(random);
  BH_ASSIGN(base::UniqueFd file, base::MakePrivateFile(uploads_.get(), name));
  return ModelUpload(*this, target, std::move(name), std::move(file));
}

Status ModelFiles::Keep(const std::string& upload, const ModelFile& target) {
  const std::scoped_lock lock(tenant_folders_);
  BH_ASSIGN(const base::UniqueFd folder,
            base::OpenPrivateFolder(folder_.get(), target.tenant.text));
  // One of an upload before this one does as well.
  const std::string mark = MarkOf(target);
  const base::UniqueFd marked(
      ::openat(uploads_.get(), mark.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!marked.valid()) return base::FileError(errno);
  BH_TRY(base::SyncFd(uploads_.get()));
  const std::string name = FileNameOf(target);
  if (::renameat(uploads_.get(), upload.c_str(), folder.get(), name.c_str()) != 0) {
    return base::FileError(errno);
  }
  return base::SyncFd(folder.get());
}

Status ModelFiles::Confirm(const ModelFile& target) {
  BH_TRY(CheckFile(target));
  if (::unlinkat(uploads_.get(), MarkOf(target).c_str(), 0) != 0) return base::FileError(errno);
  return base::SyncFd(uploads_.get());
}

Status ModelFiles::RemoveUnconfirmed(std::span<const tenant::ModelVersion> models) {
  const std::vector<ModelFile> used = Sorted(models);
  BH_ASSIGN(const auto names, Names(path_ / kUploads));
  for (const std::string& name : names) {
    const auto marked = ParseMark(name);
    if (!marked) continue;
    if (!std::ranges::binary_search(used, *marked)) {
      const Status removed = Remove(*marked);
      if (!removed.ok() && removed.error().code != Code::kNotFound) return removed;
    }
    BH_TRY(Confirm(*marked));
  }
  return base::Ok();
}

base::Result<base::UniqueFd> ModelFiles::OpenFile(const ModelFile& target) const {
  BH_TRY(CheckFile(target));
  BH_ASSIGN(const base::UniqueFd folder,
            base::FindPrivateFolder(folder_.get(), target.tenant.text));
  return base::OpenPrivateFile(folder.get(), FileNameOf(target));
}

Status ModelFiles::Remove(const ModelFile& target) {
  BH_TRY(CheckFile(target));
  const std::scoped_lock lock(tenant_folders_);
  BH_ASSIGN(const base::UniqueFd folder,
            base::FindPrivateFolder(folder_.get(), target.tenant.text));
  const std::string name = FileNameOf(target);
  BH_TRY(base::OpenPrivateFile(folder.get(), name));
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0) return base::FileError(errno);
  BH_TRY(base::SyncFd(folder.get()));
  // The last one takes the tenant's folder along; one that is not empty stays.
  if (::unlinkat(folder_.get(), target.tenant.text.c_str(), AT_REMOVEDIR) == 0)
    return base::SyncFd(folder_.get());
  return base::Ok();
}

base::Result<ModelFiles::Strangers> ModelFiles::FindStrangers(
    std::span<const tenant::ModelVersion> models) const {
  const std::vector<ModelFile> used = Sorted(models);
  Strangers found;
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
      const auto file = ParseFileName({tenant}, name);
      const std::string path = tenant + "/" + name;
      if (IsDigest(name)) {
        found.plain.push_back(path);
      } else if (!file || !base::OpenPrivateFile(folder.value().get(), name).ok()) {
        found.strange.push_back(path);
      } else if (!std::ranges::binary_search(used, *file)) {
        found.unnamed.push_back(*file);
      }
    }
  }
  std::ranges::sort(found.unnamed);
  std::ranges::sort(found.plain);
  std::ranges::sort(found.strange);
  return found;
}

}  // namespace bulkhead::store
