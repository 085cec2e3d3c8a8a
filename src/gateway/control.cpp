// SPDX-License-Identifier: Apache-2.0
#include "gateway/control.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "gateway/sealing.h"
#include "planner/cpu_sizing.h"

namespace bulkhead::gateway {
namespace {

// Each repetition means that somebody else's change went through.
constexpr int kAttempts = 16;

tenant::Records RecordsOf(const store::Snapshot& snapshot) {
  return {snapshot.tenants, snapshot.keys, snapshot.models, snapshot.deployments};
}

// What a worker on a GPU gets of cores and memory, by the size of its model.
std::string CoresFor(const tenant::Directory& directory, const tenant::Deployment& deployment) {
  const tenant::ModelVersion* version =
      directory.FindVersion(deployment.tenant, deployment.model, deployment.version);
  const planner::CpuSize size = planner::SizeForCpu(version == nullptr ? 0 : version->bytes);
  return fmt::format("cpu:{}c{}g", size.cores, size.memory_gib);
}

}  // namespace

std::vector<fleet::DesiredDeployment> DesiredOf(const tenant::Directory& directory) {
  std::vector<fleet::DesiredDeployment> desired;
  for (const tenant::Deployment& deployment : directory.Deployments()) {
    const tenant::Tenant* owner = directory.FindTenant(deployment.tenant);
    desired.push_back({deployment.id, deployment.tenant, deployment.model, deployment.version,
                       deployment.profile, deployment.replicas,
                       deployment.loaded && !owner->suspended, owner->policy.tiers,
                       CoresFor(directory, deployment)});
  }
  return desired;
}

void Control::TakeOver(store::Snapshot snapshot) {
  snapshot_ = std::move(snapshot);
  parts_.accounts.Set(RecordsOf(snapshot_));
  parts_.set_desired(DesiredOf(parts_.accounts.directory()));
}

async::Task<base::Status> Control::Load() {
  std::function<base::Result<store::Snapshot>()> load = [this] { return parts_.store.Load(); };
  auto snapshot = co_await parts_.blocking.Run<base::Result<store::Snapshot>>(std::move(load));
  if (!snapshot.ok()) co_return std::move(snapshot).error();
  TakeOver(std::move(snapshot).value());
  co_return base::Ok();
}

async::Task<base::Status> Control::ChangeOnce(const Plan& plan) {
  auto changes = plan(snapshot_, parts_.accounts.directory());
  if (!changes.ok()) co_return std::move(changes).error();
  if (changes.value().empty()) co_return base::Ok();
  std::function<base::Result<store::Snapshot>()> apply =
      [this, expected = snapshot_.revision,
       list = std::move(changes).value()]() -> base::Result<store::Snapshot> {
    BH_TRY(parts_.store.Apply(expected, list));
    return parts_.store.Load();
  };
  auto snapshot = co_await parts_.blocking.Run<base::Result<store::Snapshot>>(std::move(apply));
  if (!snapshot.ok()) co_return std::move(snapshot).error();
  TakeOver(std::move(snapshot).value());
  co_return base::Ok();
}

async::Task<base::Status> Control::Change(Plan plan) {
  const async::Turn::Held turn = co_await turn_.Take();
  base::Status status = base::Ok();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const uint64_t before = snapshot_.revision;
    status = co_await ChangeOnce(plan);
    if (status.ok() || status.error().code != base::Code::kConflict) break;
    // A conflict of the plan's own, or of a name, stays one on the same records.
    const base::Status loaded = co_await Load();
    if (!loaded.ok() || snapshot_.revision == before) break;
  }
  co_return status;
}

async::Task<base::Status> Control::Follow() {
  // A change of our own brings everything along.
  if (turn_.taken()) co_return base::Ok();
  std::function<base::Result<uint64_t>()> ask = [this] { return parts_.store.Revision(); };
  auto revision = co_await parts_.blocking.Run<base::Result<uint64_t>>(std::move(ask));
  if (!revision.ok()) co_return std::move(revision).error();
  if (turn_.taken() || revision.value() == snapshot_.revision) co_return base::Ok();
  co_return co_await Load();
}

async::Task<base::Status> Control::FlushKeyUses() {
  std::vector<store::KeyUse> uses = parts_.accounts.TakeKeyUses();
  if (uses.empty()) co_return base::Ok();
  std::function<base::Status()> touch = [this, uses = std::move(uses)] {
    return parts_.store.TouchKeys(uses);
  };
  co_return co_await parts_.blocking.Run<base::Status>(std::move(touch));
}

async::Task<base::Result<base::UniqueFd>> Control::OpenModel(tenant::TenantId tenant,
                                                             tenant::ModelName model,
                                                             tenant::Version version) {
  const tenant::ModelVersion* found =
      parts_.accounts.directory().FindVersion(tenant, model, version);
  if (found == nullptr) {
    co_return base::OperatorError(base::Code::kNotFound, "this version was deleted");
  }
  std::function<base::Result<base::UniqueFd>()> load = [this, record = *found] {
    return OpenSealed(parts_.model_files, record);
  };
  co_return co_await parts_.blocking.Run<base::Result<base::UniqueFd>>(std::move(load));
}

}  // namespace bulkhead::gateway
