// SPDX-License-Identifier: Apache-2.0
// What is kept about tenants, as this gateway knows it: changes go to the store first and count
// here when they are durable; what another gateway changed is noticed.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "async/blocking_thread.h"
#include "async/task.h"
#include "async/turn.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "store/model_files.h"
#include "store/store.h"
#include "tenant/directory.h"

namespace bulkhead::gateway {

struct ControlParts {
  store::Store& store;             // used on `blocking` only
  store::ModelFiles& model_files;  // the same
  async::BlockingThread& blocking;
  Accounts& accounts;
  std::function<void(const std::vector<fleet::DesiredDeployment>&)> set_desired;  // Fleet::Set
  std::function<void(std::string_view)> log;
};

// Lives on the I/O thread.
class Control {
 public:
  explicit Control(ControlParts parts) : parts_(std::move(parts)) {}

  // Reads everything; before anything else. Errors of the store.
  async::Task<base::Status> Load();

  // What to change, seen from the present records; an error ends the change.
  using Plan = std::function<base::Result<std::vector<store::Change>>(
      const store::Snapshot& snapshot, const tenant::Directory& directory)>;
  // Durable, and in force here, when it gives Ok. When somebody else changed something meanwhile,
  // the plan is made again on what there is then. One at a time; others wait.
  async::Task<base::Status> Change(Plan plan);

  // Takes over what others changed. Cheap when nothing did: call it several times a second.
  async::Task<base::Status> Follow();

  // Last uses of keys that were not written yet.
  async::Task<base::Status> FlushKeyUses();

  // The sealed file of a model version, whose header fits the record.
  async::Task<base::Result<base::UniqueFd>> OpenModel(tenant::TenantId tenant,
                                                      tenant::ModelName model,
                                                      tenant::Version version);

  [[nodiscard]] const store::Snapshot& snapshot() const { return snapshot_; }

 private:
  async::Task<base::Status> ChangeOnce(const Plan& plan);
  void TakeOver(store::Snapshot snapshot);

  ControlParts parts_;
  store::Snapshot snapshot_;
  async::Turn turn_;  // of changes
};

// What shall run, by the records: a suspended tenant's deployments are unloaded.
std::vector<fleet::DesiredDeployment> DesiredOf(const tenant::Directory& directory);

}  // namespace bulkhead::gateway
