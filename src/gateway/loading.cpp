// SPDX-License-Identifier: Apache-2.0
#include "gateway/loading.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/monotonic_clock.h"
#include "gateway/http_error.h"

namespace bulkhead::gateway {
namespace {

constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::minutes kPatience{2};

// Workers that are ended hold their partitions for as long as they are there.
bool HasWorkers(const fleet::Fleet& fleet, const tenant::TenantId& tenant,
                const tenant::ModelName& model) {
  return std::ranges::any_of(fleet.Workers(), [&](const fleet::WorkerState& worker) {
    return worker.tenant == tenant && worker.model == model;
  });
}

// nullopt: not yet.
std::optional<base::Status> Settled(const fleet::Fleet& fleet, const tenant::TenantId& tenant,
                                    const tenant::ModelName& model) {
  const std::optional<fleet::DeploymentState> state = fleet.Find(tenant, model);
  if (!state) {
    return base::Status(base::PublicError(base::Code::kNotFound, "no such model"));
  }
  switch (state->phase) {
    case fleet::DeploymentPhase::kReady:
      return base::Ok();
    case fleet::DeploymentPhase::kUnloaded:
      if (HasWorkers(fleet, tenant, model)) return std::nullopt;
      return base::Ok();
    case fleet::DeploymentPhase::kFailed: {
      base::Error error = state->reason.value_or(base::Error{});
      error.code = base::Code::kUnavailable;
      return base::Status(std::move(error));
    }
    case fleet::DeploymentPhase::kStarting:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

async::Task<base::Status> WaitUntilSettled(fleet::Fleet& fleet, boost::asio::io_context& io,
                                           tenant::TenantId tenant, tenant::ModelName model,
                                           std::chrono::milliseconds patience) {
  const std::chrono::nanoseconds end = base::MonotonicNow() + patience;
  boost::asio::steady_timer timer(io);
  for (;;) {
    const std::optional<base::Status> settled = Settled(fleet, tenant, model);
    if (settled) co_return *settled;
    if (base::MonotonicNow() >= end) {
      co_return base::PublicError(base::Code::kDeadline,
                                  "the model is still being loaded or unloaded");
    }
    timer.expires_after(kLook);
    const boost::asio::use_awaitable_t<async::IoExecutor> token;
    co_await timer.async_wait(token);
  }
}

async::Task<base::Status> SetLoaded(Control& control, fleet::Fleet& fleet,
                                    boost::asio::io_context& io, tenant::TenantId tenant,
                                    tenant::ModelName model, bool load) {
  Control::Plan plan =
      [tenant, model, load](
          const store::Snapshot&,
          const tenant::Directory& directory) -> base::Result<std::vector<store::Change>> {
    const tenant::Deployment* found = directory.FindDeployment(tenant, model);
    if (found == nullptr) return base::PublicError(base::Code::kNotFound, "no such model");
    if (found->loaded == load) return std::vector<store::Change>{};
    tenant::Deployment deployment = *found;
    deployment.loaded = load;
    return std::vector<store::Change>{store::Put(std::move(deployment))};
  };
  base::Status changed = co_await control.Change(std::move(plan));
  if (!changed.ok()) co_return changed;
  if (const auto state = fleet.Find(tenant, model); load && state) fleet.TryAgain(state->id);
  co_return co_await WaitUntilSettled(fleet, io, std::move(tenant), std::move(model), kPatience);
}

async::Task<base::Status> SetLoadedOnRecord(AuditTrail& audit, const Accounts& accounts,
                                            Control& control, fleet::Fleet& fleet,
                                            boost::asio::io_context& io, Caller caller,
                                            tenant::ModelName model, bool load) {
  const tenant::Deployment* found = accounts.directory().FindDeployment(caller.tenant, model);
  std::vector<audit::Event> events;
  if (found != nullptr && found->loaded != load) {
    audit::Event event;
    event.kind = audit::EventKind::kModelActivate;
    event.user_id = caller.key.text;
    event.tenant = caller.tenant_name;
    event.object_name = model.text;
    event.annotations[audit::Annotation::kNewValue] = load ? "loaded" : "unloaded";
    events.push_back(std::move(event));
  }
  const base::Status recorded = co_await audit.Begin(events);
  if (!recorded.ok()) co_return recorded;
  const base::Status done =
      co_await SetLoaded(control, fleet, io, std::move(caller.tenant), std::move(model), load);
  ActionOutcome outcome;
  const int status = done.ok() ? 200 : HttpStatusOf(done.error().code);
  co_await audit.End(std::move(events), status, std::move(outcome));
  co_return done;
}

}  // namespace bulkhead::gateway
