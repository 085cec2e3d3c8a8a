// SPDX-License-Identifier: Apache-2.0
// The bytes of pushed models, below one folder: <tenant id>/<SHA-256 in hex>.
//
// Each tenant has its own copy even of equal bytes: nobody can find out, by time or by room, that
// another has the same model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "base/unique_fd.h"
#include "tenant/records.h"

namespace bulkhead::store {

struct StoredModel {
  tenant::TenantId tenant;
  base::Sha256Digest sha256{};
  friend auto operator<=>(const StoredModel&, const StoredModel&) = default;
};

class ModelFiles;

// A model that is arriving. One that is not finished leaves nothing. One thread at a time; must not
// outlive its ModelFiles.
class ModelUpload {
 public:
  ModelUpload(ModelUpload&& other) noexcept;
  ModelUpload& operator=(ModelUpload&&) = delete;
  ModelUpload(const ModelUpload&) = delete;
  ModelUpload& operator=(const ModelUpload&) = delete;
  ~ModelUpload();

  // Blocks on the disk. kExhausted: more than the bound, or a full disk. After a failure every
  // further call fails in the same way.
  base::Status Write(std::span<const std::byte> bytes);

  // Blocks until the bytes would survive a loss of power under their digest; the last call.
  // kInvalid: there are none. Errors of Write.
  base::Result<base::Sha256Digest> Finish();

  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  friend class ModelFiles;
  ModelUpload(ModelFiles& files, tenant::TenantId tenant, std::string name, base::UniqueFd file,
              uint64_t bytes_max);
  base::Status WriteAll(std::span<const std::byte> bytes);

  ModelFiles* files_;
  tenant::TenantId tenant_;
  std::string name_;  // below uploads/; empty when there is nothing to remove
  base::UniqueFd file_;
  uint64_t bytes_max_;
  uint64_t bytes_ = 0;
  base::Sha256 digest_;
  base::Status state_ = base::Ok();
};

// Safe from several threads, apart from where it says otherwise. Every call blocks on the disk.
// kCorrupt: something lies there that is a link, no file, another user's or open to others; it is
// neither followed nor changed.
class ModelFiles {
 public:
  struct Orphans {
    std::vector<StoredModel> models;   // in no list of models, in order
    std::vector<std::string> strange;  // what no call here has made, below the folder
  };

  // Makes the folder where there is none (the one above it must be there) and removes what broken
  // uploads left. kConflict: another process has it open.
  static base::Result<std::unique_ptr<ModelFiles>> Open(const std::filesystem::path& folder);

  ModelFiles(const ModelFiles&) = delete;
  ModelFiles& operator=(const ModelFiles&) = delete;
  ~ModelFiles() = default;

  // kInvalid: the id is none.
  base::Result<ModelUpload> Begin(const tenant::TenantId& tenant, uint64_t bytes_max);

  // The bytes in memory (an unsealed memfd of the caller's own, as node::Launch takes it), which
  // have the record's digest and size. kNotFound: there is no such file. kCorrupt: it has other
  // bytes. kExhausted: no memory.
  [[nodiscard]] base::Result<base::UniqueFd> Load(const tenant::ModelVersion& model) const;

  // kNotFound: there is no such file. Several versions of one tenant may share it: the caller
  // knows.
  base::Status Remove(const tenant::TenantId& tenant, const base::Sha256Digest& sha256);

  // Which files no record names. A file that was finished just now, and whose record is not there
  // yet, is an orphan too: the caller knows.
  [[nodiscard]] base::Result<Orphans> FindOrphans(
      std::span<const tenant::ModelVersion> models) const;

 private:
  friend class ModelUpload;
  ModelFiles(std::filesystem::path path, base::UniqueFd folder, base::UniqueFd uploads);
  base::Status RemoveUploads() const;
  base::Status Keep(const std::string& upload, const tenant::TenantId& tenant,
                    const base::Sha256Digest& sha256);

  std::filesystem::path path_;
  base::UniqueFd folder_;
  base::UniqueFd uploads_;
  std::mutex tenant_folders_;  // one is not removed while a file moves into it
};

}  // namespace bulkhead::store
