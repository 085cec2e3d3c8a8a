// SPDX-License-Identifier: Apache-2.0
#include "fleet/replica.h"

#include <algorithm>
#include <utility>

#include "base/monotonic_clock.h"
#include "channel/setup.h"
#include "fleet/replica_failure.h"

namespace bulkhead::fleet {

using base::Code;

Replica::Replica(WorkerPlan plan, OnFailure on_failure, FleetContext& context,
                 std::function<void()> room)
    : plan_(std::move(plan)),
      on_failure_(on_failure),
      context_(context),
      room_(std::move(room)),
      retry_(context.rules.retry_first),
      timer_(context.parts.io, [this] { OnDue(); }) {}

Replica::~Replica() { DropLink(); }

// --- Its owner ----------------------------------------------------------------------------------

void Replica::Begin() { Launch(); }

void Replica::TryAgain() {
  if (step_ != Step::kWaiting && step_ != Step::kDown) return;
  lasting_ = false;
  failure_.reset();
  retry_ = context_.rules.retry_first;
  if (held_) return Stop(std::nullopt);
  Launch();
}

void Replica::SetTiers(const std::vector<device::Tier>& tiers) {
  if (tiers == plan_.tiers) return;
  plan_.tiers = tiers;
  const bool runs = step_ == Step::kGreeting || step_ == Step::kReady || step_ == Step::kLost ||
                    step_ == Step::kBackingOff;
  if (runs && !TierAllowed()) {
    lasting_ = true;
    return Stop(TierFailure(about_->place.tier));
  }
  if (step_ == Step::kDown) TryAgain();
}

void Replica::Drain() {
  if (step_ != Step::kReady) return End();
  wanted_ = false;
  Enter(Step::kDraining, context_.rules.drain_timeout);
  OnRoom();
}

void Replica::End() {
  wanted_ = false;
  DropLink();
  if (step_ == Step::kStopping || step_ == Step::kGone) return;
  if (!held_) return Enter(Step::kGone);
  Stop(std::nullopt);
}

// --- From nothing to a worker that takes calls --------------------------------------------------

void Replica::Launch() {
  if (!context_.node_up) return Enter(Step::kNoNode);
  name_ = WorkerName(plan_, ++context_.last_worker);
  about_.reset();
  Enter(Step::kOpening);
  async::Spawn(context_.parts.io,
               OpenModel(weak_from_this(), name_,
                         context_.parts.open_model(plan_.tenant, plan_.model, plan_.version)));
}

async::Task<void> Replica::OpenModel(std::weak_ptr<Replica> weak, std::string name,
                                     async::Task<base::Result<base::UniqueFd>> opening) {
  auto model = co_await std::move(opening);
  const auto self = weak.lock();
  if (self && self->step_ == Step::kOpening && self->name_ == name) {
    self->SendLaunch(std::move(model));
  }
}

void Replica::SendLaunch(base::Result<base::UniqueFd> model) {
  if (!model.ok()) return Fail(base::WithContext(std::move(model).error(), "the model's file"));
  auto setup = PlanSetup(plan_, context_.gpus, context_.rules);
  auto encoded = setup.ok() ? channel::EncodeSetup(setup.value()) : setup.error();
  if (!encoded.ok()) {
    lasting_ = true;
    return Fail(std::move(encoded).error());
  }
  held_ = true;
  Enter(Step::kStarting);
  context_.parts.send(LaunchWorker{PlanLaunch(plan_, name_, context_.rules),
                                   std::move(model).value(), std::move(encoded).value()});
}

void Replica::Greet(node::ReadyWorker ready) {
  about_ = std::move(ready.about);
  if (!TierAllowed()) {
    lasting_ = true;
    return Stop(TierFailure(about_->place.tier));
  }
  // Closed, it says nothing (DropLink).
  LinkWatch watch{[this] { OnHello(); }, [this](const base::Error& error) { OnBroken(error); },
                  [this] { OnRoom(); }};
  auto link = WorkerLink::Open(context_.parts.io, std::move(ready.frames), std::move(watch));
  if (!link.ok()) return Stop(std::move(link).error());
  link_ = std::move(link).value();
  Enter(Step::kGreeting, context_.rules.hello_timeout);
}

void Replica::OnHello() {
  ready_since_ = base::MonotonicNow();
  failure_.reset();
  Say("ready on " + about_->place.partition_id +
      (about_->place.simulated ? " (simulated; it runs on its cores)" : ""));
  Enter(Step::kReady);
}

bool Replica::TierAllowed() const {
  return about_ && std::ranges::find(plan_.tiers, about_->place.tier) != plan_.tiers.end();
}

// --- Its link -----------------------------------------------------------------------------------

void Replica::OnRoom() {
  if (step_ == Step::kReady) return room_();
  if (step_ != Step::kDraining || link_->load() > 0) return;
  DropLink();
  Enter(Step::kStopping, context_.rules.drain_timeout);
  Order(node::Order::kDrain);
}

void Replica::OnBroken(const base::Error& error) {
  DropLink();
  if (step_ == Step::kDraining) return End();
  if (error.code != Code::kUnavailable) return Stop(LinkFailure(error));
  failure_ = LinkFailure(error);
  Enter(Step::kLost, context_.rules.hello_timeout);
}

// Calls may still hold it.
void Replica::DropLink() {
  if (link_) link_->Close();
  link_.reset();
}

// --- Time ---------------------------------------------------------------------------------------

void Replica::Enter(Step step, std::chrono::milliseconds due) {
  step_ = step;
  due_ = due.count() > 0 ? base::MonotonicNow() + due : std::chrono::nanoseconds(0);
  timer_.Arm(due_);
  context_.settle_soon();
}

void Replica::OnDue() {
  if (due_.count() == 0) return;
  if (base::MonotonicNow() < due_) return timer_.Arm(due_);
  switch (step_) {
    case Step::kWaiting:
      return Launch();
    case Step::kGreeting:
      return Stop(SilentFailure());
    case Step::kLost:
      return Stop(failure_);
    case Step::kDraining:
      Say("it did not answer what it had in time");
      return End();
    case Step::kStopping:
      return Stop(failure_);
    default:
      return;
  }
}

// --- Failures -----------------------------------------------------------------------------------

void Replica::Order(node::Order order) { context_.parts.send(OrderWorker{order, name_}); }

void Replica::Stop(std::optional<base::Error> error) {
  if (error && step_ != Step::kStopping) Say(error->detail);
  failure_ = std::move(error);
  DropLink();
  Enter(Step::kStopping, context_.rules.hello_timeout);
  Order(node::Order::kDestroy);
}

void Replica::Fail(base::Error error) {
  Say(error.detail);
  failure_ = std::move(error);
  AfterWorker();
}

// The node has no worker of this name any more.
void Replica::AfterWorker() {
  held_ = false;
  DropLink();
  if (!wanted_) return Enter(Step::kGone);
  if (!failure_) return Launch();
  if (lasting_ || on_failure_ == OnFailure::kStop) return Enter(Step::kDown);
  const auto ran = ready_since_.count() > 0 ? base::MonotonicNow() - ready_since_ : ready_since_;
  if (ran > context_.rules.retry_last) retry_ = context_.rules.retry_first;
  ready_since_ = std::chrono::nanoseconds(0);
  Enter(Step::kWaiting, retry_);
  retry_ = std::min(retry_ * 2, context_.rules.retry_last);
}

void Replica::Say(std::string_view what) const {
  if (context_.parts.log) context_.parts.log("worker " + name_ + ": " + std::string(what));
}

}  // namespace bulkhead::fleet
