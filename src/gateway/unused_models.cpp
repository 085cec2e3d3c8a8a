// SPDX-License-Identifier: Apache-2.0
#include "gateway/unused_models.h"

#include <functional>
#include <utility>

#include <fmt/format.h>

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

base::Error NotSealed(const std::vector<std::string>& plain) {
  return base::OperatorError(
      base::Code::kConflict,
      fmt::format("models/{} and {} more: not sealed, as releases before sealing kept models. "
                  "Nothing starts while plain weights lie here: overwrite and remove these files "
                  "(find models -regextype posix-egrep -regex '.*/[0-9a-f]{{64}}' -exec shred -u "
                  "{{}} +), then push and deploy the models again",
                  plain.front(), plain.size() - 1));
}

}  // namespace

async::Task<void> RemoveModels(store::ModelFiles& files, async::BlockingThread& blocking,
                               std::vector<tenant::ModelVersion> removed) {
  std::function<bool()> remove = [&files, unused = std::move(removed)] {
    for (const auto& version : unused) (void)files.Remove(store::FileOf(version));
    return true;
  };
  co_await blocking.Run<bool>(std::move(remove));
}

async::Task<base::Result<std::vector<std::string>>> SettleModelFiles(
    const Accounts& accounts, store::ModelFiles& files, async::BlockingThread& blocking) {
  using Found = base::Result<std::vector<std::string>>;
  std::function<Found()> settle = [&files,
                                   versions = AllVersions(accounts.directory())]() -> Found {
    BH_TRY(files.RemoveUnconfirmed(versions));
    BH_ASSIGN(const store::ModelFiles::Strangers strangers, files.FindStrangers(versions));
    if (!strangers.plain.empty()) return NotSealed(strangers.plain);
    std::vector<std::string> names;
    for (const store::ModelFile& file : strangers.unnamed) {
      names.push_back(file.tenant.text + "/" + store::FileNameOf(file));
    }
    return names;
  };
  co_return co_await blocking.Run<Found>(std::move(settle));
}

}  // namespace bulkhead::gateway
