// SPDX-License-Identifier: Apache-2.0
#include "gateway/deployment_use.h"

#include <functional>
#include <memory>
#include <utility>

#include "advice/share_bytes.h"

namespace bulkhead::gateway {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr double kKibOfMib = 1024;

base::Result<DeploymentUse> ReportOf(store::UseHistory& history,
                                     const tenant::Deployment& deployment, int64_t from_unix_ms) {
  const store::UseQuery query{deployment.id, from_unix_ms, INT64_MAX};
  BH_ASSIGN(const auto rows, history.Use(query));
  BH_ASSIGN(const auto parts, PartsOf(rows));
  return DeploymentUse{
      deployment, {}, advice::ReportUse(deployment.profile, parts), advice::MovesIn(parts)};
}

}  // namespace

base::Result<std::vector<advice::UsePart>> PartsOf(const std::vector<store::UseRow>& rows) {
  std::vector<advice::UsePart> parts;
  for (const store::UseRow& row : rows) {
    advice::UsePart part{.use = {.hour = row.hour_unix_ms / kHourMs},
                         .profile = row.profile,
                         .device = row.device,
                         .gpu_model = row.gpu_model};
    BH_ASSIGN(part.use.engine_active, advice::ReadShareBytes(row.engine_active));
    BH_ASSIGN(part.use.dram_active, advice::ReadShareBytes(row.dram_active));
    part.use.memory_used_max_mib = static_cast<double>(row.memory_used_max_kib) / kKibOfMib;
    part.use.frames = row.frames;
    if (row.p99_us) part.use.p99_ms = static_cast<double>(*row.p99_us) / 1e3;
    parts.push_back(std::move(part));
  }
  return parts;
}

async::Task<base::Result<std::vector<DeploymentUse>>> ReadUse(const Accounts& accounts,
                                                              store::UseHistory& history,
                                                              async::BlockingThread& blocking,
                                                              int64_t from_unix_ms) {
  const std::shared_ptr<const tenant::Directory> directory = accounts.Share();
  std::vector<DeploymentUse> all;
  for (const tenant::Deployment& deployment : directory->Deployments()) {
    if (!deployment.loaded) continue;
    std::function<base::Result<DeploymentUse>()> ask = [&history, &deployment, from_unix_ms] {
      return ReportOf(history, deployment, from_unix_ms);
    };
    auto one = co_await blocking.Run<base::Result<DeploymentUse>>(std::move(ask));
    if (!one.ok()) co_return std::move(one).error();
    const tenant::Tenant* owner = directory->FindTenant(deployment.tenant);
    if (owner != nullptr) one.value().tenant_name = owner->name;
    all.push_back(std::move(one).value());
  }
  co_return all;
}

}  // namespace bulkhead::gateway
