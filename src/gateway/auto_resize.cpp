// SPDX-License-Identifier: Apache-2.0
#include "gateway/auto_resize.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/loading.h"
#include "gateway/use_feed.h"

namespace bulkhead::gateway {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayHours = 24;

std::string NameOf(const DeploymentUse& use) {
  return use.tenant_name + "/" + use.deployment.model.text;
}

audit::Event EventOf(const DeploymentUse& use, const std::string& profile) {
  audit::Event event;
  event.kind = audit::EventKind::kModelDeploy;
  event.user_name = "auto-resize";
  event.tenant = use.tenant_name;
  event.object_name = use.deployment.model.text;
  event.annotations[audit::Annotation::kOldValue] = use.deployment.profile;
  event.annotations[audit::Annotation::kNewValue] = profile;
  event.annotations[audit::Annotation::kDecision] =
      std::string(advice::VerdictName(use.report.advice.verdict));
  return event;
}

}  // namespace

void AutoResize::Remember(const std::vector<DeploymentUse>& all, int64_t hour) {
  std::set<std::string_view> present;
  for (const DeploymentUse& use : all) present.insert(use.deployment.id.text);
  std::erase_if(state_.deployments,
                [&present](const auto& kept) { return !present.contains(kept.first); });
  for (const DeploymentUse& use : all) {
    if (use.moves.empty()) continue;
    auto& moved_at = state_.deployments[use.deployment.id.text].moved_at;
    moved_at = std::max(moved_at.value_or(use.moves.back()), use.moves.back());
    if (remembers_) continue;
    std::ranges::copy_if(use.moves, std::back_inserter(state_.moves),
                         [hour](int64_t move) { return hour - move < kDayHours; });
  }
  if (!remembers_) std::ranges::sort(state_.moves);
  remembers_ = true;
}

async::Task<base::Status> AutoResize::Look() {
  const int64_t hour = parts_.unix_ms() / kHourMs;
  // Not at the start, or one that starts again and again would count as many confirmations.
  if (!hour_) hour_ = hour;
  if (hour <= *hour_) co_return base::Ok();
  const int64_t from = (hour - UseFeed::kDaysKept * kDayHours) * kHourMs;
  auto all = co_await ReadUse(parts_.accounts, parts_.history, parts_.blocking, from);
  if (!all.ok()) co_return std::move(all).error();
  hour_ = hour;
  Remember(all.value(), hour);
  for (const DeploymentUse& use : all.value()) {
    std::optional<std::string> profile =
        advice::DecideMove(limits_, hour, use.deployment.id.text, use.report.advice, state_);
    if (profile) co_await Move(use, *std::move(profile));
  }
  co_return base::Ok();
}

// Whether the tenant's policy has the tier is asked when the worker is ready, as with every one.
async::Task<base::Status> AutoResize::SetProfile(tenant::DeploymentId id, std::string from,
                                                 std::string to) {
  Control::Plan plan =
      [&](const store::Snapshot&,
          const tenant::Directory& directory) -> base::Result<std::vector<store::Change>> {
    const tenant::Deployment* present = directory.FindDeployment(id);
    if (present == nullptr || present->profile != from || !present->loaded) {
      return base::OperatorError(base::Code::kConflict, "somebody changed it meanwhile");
    }
    tenant::Deployment changed = *present;
    changed.profile = to;
    return std::vector<store::Change>{store::Put(changed)};
  };
  co_return co_await parts_.control.Change(std::move(plan));
}

async::Task<void> AutoResize::Move(const DeploymentUse& use, std::string profile) {
  std::vector<audit::Event> events(1, EventOf(use, profile));
  const base::Status recorded = co_await parts_.audit.Begin(events);
  if (!recorded.ok()) {
    parts_.log("auto-resize: " + NameOf(use) + ": " + recorded.error().detail);
    co_return;
  }
  const int status = co_await MoveRecorded(use, std::move(profile));
  ActionOutcome outcome;
  co_await parts_.audit.End(std::move(events), status, std::move(outcome));
}

async::Task<int> AutoResize::MoveRecorded(const DeploymentUse& use, std::string profile) {
  const tenant::Deployment& deployment = use.deployment;
  const std::string what =
      fmt::format("auto-resize: {}: {} to {}", NameOf(use), deployment.profile, profile);
  parts_.log(fmt::format("{}: {}. {}", what, advice::VerdictName(use.report.advice.verdict),
                         fmt::join(use.report.advice.reasons, " ")));
  base::Status done = co_await SetProfile(deployment.id, deployment.profile, profile);
  if (!done.ok()) {
    parts_.log(what + ": not done: " + done.error().detail);
    co_return 409;
  }
  done = co_await WaitUntilSettled(parts_.fleet, parts_.io, deployment.tenant, deployment.model,
                                   kPatience);
  if (done.ok()) {
    parts_.log(what + ": done");
    co_return 200;
  }
  const std::string why = done.error().detail;
  done = co_await SetProfile(deployment.id, profile, deployment.profile);
  parts_.log(
      what + ": it does not serve there (" + why + "); " +
      (done.ok() ? "back on " + deployment.profile : "its profile stays: " + done.error().detail));
  co_return 503;
}

}  // namespace bulkhead::gateway
