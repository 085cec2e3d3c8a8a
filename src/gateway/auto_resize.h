// SPDX-License-Identifier: Apache-2.0
// Follows advice without asking, inside an operator's limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advice/automatic.h"
#include "async/blocking_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/audit_trail.h"
#include "gateway/control.h"
#include "gateway/deployment_use.h"
#include "store/store.h"

namespace bulkhead::gateway {

struct AutoResizeParts {
  boost::asio::io_context& io;
  const Accounts& accounts;
  Control& control;
  AuditTrail& audit;
  fleet::Fleet& fleet;
  store::UseHistory& history;  // used on `blocking` only
  async::BlockingThread& blocking;
  std::function<void(std::string_view)> log;
  std::function<int64_t()> unix_ms;
};

// Lives on the I/O thread. A move is what `deploy` with another profile is: a new worker starts,
// traffic moves, the old one is drained. Where the new one does not come to serve, the old profile
// is put back. A move that the audit log does not take is not made.
//
// When moves were made is read from the history at the start, where a change by hand counts as one;
// what was advised how often in a row is not, and begins anew.
class AutoResize {
 public:
  AutoResize(AutoResizeParts parts, advice::AutomaticLimits limits)
      : parts_(std::move(parts)), limits_(std::move(limits)) {}

  // Looks at every deployment, once in each hour that begins; to be called several times an hour.
  // Waits for moves, one after the other. Errors of the store: nothing was moved for them.
  async::Task<base::Status> Look();

  // A new worker gets this long until it serves.
  static constexpr std::chrono::minutes kPatience{10};

 private:
  void Remember(const std::vector<DeploymentUse>& all, int64_t hour);
  async::Task<void> Move(const DeploymentUse& use, std::string profile);
  // What came of it, as HTTP's status.
  async::Task<int> MoveRecorded(const DeploymentUse& use, std::string profile);
  async::Task<base::Status> SetProfile(tenant::DeploymentId id, std::string from, std::string to);

  AutoResizeParts parts_;
  advice::AutomaticLimits limits_;
  advice::AutomaticState state_;
  std::optional<int64_t> hour_;  // that was looked at
  bool remembers_ = false;
};

}  // namespace bulkhead::gateway
