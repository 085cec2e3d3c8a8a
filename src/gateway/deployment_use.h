// SPDX-License-Identifier: Apache-2.0
// What is advised of deployments, by what the store keeps of their use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advice/use_report.h"
#include "async/blocking_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "gateway/accounts.h"
#include "store/store.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

struct DeploymentUse {
  tenant::Deployment deployment;
  std::string tenant_name;
  advice::UseReport report;
  std::vector<int64_t> moves;  // advice::MovesIn
};

// kCorrupt: a row holds what Bulkhead does not write.
base::Result<std::vector<advice::UsePart>> PartsOf(const std::vector<store::UseRow>& rows);

// Of every deployment that is loaded, in the order of their tenants and models; one question of the
// store for each, so that others get their turn between. Errors of the store, and of PartsOf.
async::Task<base::Result<std::vector<DeploymentUse>>> ReadUse(const Accounts& accounts,
                                                              store::UseHistory& history,
                                                              async::BlockingThread& blocking,
                                                              int64_t from_unix_ms);

}  // namespace bulkhead::gateway
