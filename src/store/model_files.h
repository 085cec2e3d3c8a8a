// SPDX-License-Identifier: Apache-2.0
// The sealed files of pushed models, below one folder: <tenant id>/<model>@<version>.
//
// Each version has a file of its own even of equal models: nobody can find out, by time or by room,
// that another has the same.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "tenant/records.h"

namespace bulkhead::store {

// Whose file it is.
struct ModelFile {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 1;
  friend auto operator<=>(const ModelFile&, const ModelFile&) = default;
};

[[nodiscard]] inline ModelFile FileOf(const tenant::ModelVersion& record) {
  return {record.tenant, record.model, record.version};
}

class ModelFiles;

// A file that is being written. One that is not finished leaves nothing. One thread at a time; must
// not outlive its ModelFiles.
class ModelUpload {
 public:
  ModelUpload(ModelUpload&& other) noexcept;
  ModelUpload& operator=(ModelUpload&&) = delete;
  ModelUpload(const ModelUpload&) = delete;
  ModelUpload& operator=(const ModelUpload&) = delete;
  ~ModelUpload();

  // For reading and writing, empty at first; stays this upload's.
  [[nodiscard]] int descriptor() const { return file_.get(); }

  // Appends. Blocks on the disk. kExhausted: a full disk.
  base::Status Write(std::span<const std::byte> bytes);
  // Appends what another file has from `offset` on. Errors of Write, and of that file.
  base::Status CopyFrom(int file, uint64_t offset);

  // Blocks until the bytes would survive a loss of power under their name, in the place of an
  // earlier file of it; the last call. Until ModelFiles::Confirm the file counts as nobody's.
  // kInvalid: there are no bytes.
  base::Status Finish();

 private:
  friend class ModelFiles;
  ModelUpload(ModelFiles& files, ModelFile target, std::string name, base::UniqueFd file);

  ModelFiles* files_;
  ModelFile target_;
  std::string name_;  // below uploads/; empty when there is nothing to remove
  base::UniqueFd file_;
};

// Safe from several threads, apart from where it says otherwise. Every call blocks on the disk.
// kInvalid: a name is none. kCorrupt: something lies there that is a link, no file, another user's
// or open to others; it is neither followed nor changed.
class ModelFiles {
 public:
  struct Strangers {
    std::vector<ModelFile> unnamed;    // sealed files in no list of models, in order
    std::vector<std::string> plain;    // models of earlier releases, which are not sealed
    std::vector<std::string> strange;  // what no release has made, below the folder
  };

  // Makes the folder where there is none (the one above it must be there) and removes what broken
  // uploads left. kConflict: another process has it open.
  static base::Result<std::unique_ptr<ModelFiles>> Open(const std::filesystem::path& folder);

  ModelFiles(const ModelFiles&) = delete;
  ModelFiles& operator=(const ModelFiles&) = delete;
  ~ModelFiles() = default;

  base::Result<ModelUpload> Begin(const ModelFile& target);

  // The record of a finished upload is durable.
  base::Status Confirm(const ModelFile& target);
  // Removes the files of uploads that were finished and whose records never came, by the records
  // that there are. Before anybody uploads.
  base::Status RemoveUnconfirmed(std::span<const tenant::ModelVersion> models);

  // For reading, from the start. kNotFound: there is no such file.
  [[nodiscard]] base::Result<base::UniqueFd> OpenFile(const ModelFile& target) const;

  // kNotFound: there is no such file.
  base::Status Remove(const ModelFile& target);

  // What lies here and belongs to no record.
  [[nodiscard]] base::Result<Strangers> FindStrangers(
      std::span<const tenant::ModelVersion> models) const;

 private:
  friend class ModelUpload;
  ModelFiles(std::filesystem::path path, base::UniqueFd folder, base::UniqueFd uploads);
  base::Status RemoveUploads() const;
  base::Status Keep(const std::string& upload, const ModelFile& target);

  std::filesystem::path path_;
  base::UniqueFd folder_;
  base::UniqueFd uploads_;
  std::mutex tenant_folders_;  // one is not removed while a file moves into it
};

// "<model>@<version>".
std::string FileNameOf(const ModelFile& file);

}  // namespace bulkhead::store
