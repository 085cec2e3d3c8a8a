// SPDX-License-Identifier: Apache-2.0
// The admin API: tenants, keys, models, deployments, workers, usage. For its own Unix socket alone;
// whoever may connect there may do everything.
#pragma once

#include <filesystem>

#include "async/blocking_thread.h"
#include "async/turn.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/audit_trail.h"
#include "gateway/control.h"
#include "gateway/metering.h"
#include "gateway/sealing.h"
#include "gateway/statistics.h"
#include "http/server.h"
#include "store/model_files.h"
#include "store/store.h"

namespace bulkhead::gateway {

struct AdminParts {
  boost::asio::io_context& io;
  Control& control;
  Accounts& accounts;
  fleet::Fleet& fleet;
  Statistics& statistics;
  Metering& metering;
  AuditTrail& audit;
  store::ModelFiles& model_files;  // used on `blocking` and `sealing_thread` only
  async::Turn& model_turn;         // of whoever adds or removes model files
  SealingParts sealing;            // used on `sealing_thread` only
  // For what may wait for a key provider, beside the store's thread.
  async::BlockingThread& sealing_thread;
  async::BlockingThread& blocking;
  store::Store& store;  // the same
  Pepper pepper;
  // Counts what the ledger has and the totals have not, so that usage is up to now.
  std::function<async::Task<base::Status>()> index_usage;
  // What was used and not written yet, so that the history is up to now.
  std::function<async::Task<base::Status>()> write_use;
  std::function<bool()> ready;
  std::filesystem::path ledger_folder;
};

// The largest model that can be pushed: where protobuf ends.
inline constexpr uint64_t kModelBytesMax = (uint64_t{1} << 31) - 1;

// A request that is no GET is recorded before anything is done, and refused where it cannot be
// (admin_audit.h).
http::Handlers AdminHandlers(AdminParts parts);

}  // namespace bulkhead::gateway
