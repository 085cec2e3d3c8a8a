// SPDX-License-Identifier: Apache-2.0
#include "gateway/unused_models.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/hex.h"

namespace bulkhead::gateway {
namespace {

std::vector<tenant::ModelVersion> AllVersions(const tenant::Directory& directory) {
  std::vector<tenant::ModelVersion> versions;
  for (const tenant::Tenant& tenant : directory.Tenants()) {
    const auto of_one = directory.ModelsOf(tenant.id);
    versions.insert(versions.end(), of_one.begin(), of_one.end());
  }
  return versions;
}

}  // namespace

async::Task<void> RemoveUnusedModels(const Accounts& accounts, store::ModelFiles& files,
                                     async::BlockingThread& blocking,
                                     std::vector<tenant::ModelVersion> removed) {
  std::erase_if(removed, [&](const tenant::ModelVersion& version) {
    return std::ranges::any_of(accounts.directory().ModelsOf(version.tenant),
                               [&](const auto& other) { return other.sha256 == version.sha256; });
  });
  std::function<bool()> remove = [&files, unused = std::move(removed)] {
    for (const auto& version : unused) (void)files.Remove(version.tenant, version.sha256);
    return true;
  };
  co_await blocking.Run<bool>(std::move(remove));
}

async::Task<base::Result<std::vector<std::string>>> FindUnusedModels(
    const Accounts& accounts, store::ModelFiles& files, async::BlockingThread& blocking) {
  using Found = base::Result<std::vector<std::string>>;
  std::function<Found()> find = [&files, versions = AllVersions(accounts.directory())]() -> Found {
    BH_ASSIGN(const store::ModelFiles::Orphans orphans, files.FindOrphans(versions));
    std::vector<std::string> names;
    for (const store::StoredModel& model : orphans.models) {
      names.push_back(model.tenant.text + "/" + base::Hex(model.sha256));
    }
    return names;
  };
  co_return co_await blocking.Run<Found>(std::move(find));
}

}  // namespace bulkhead::gateway
