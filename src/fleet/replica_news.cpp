// SPDX-License-Identifier: Apache-2.0
// What a replica hears of the node, and what it says of itself.
#include <utility>

#include "fleet/replica.h"
#include "fleet/replica_failure.h"

namespace bulkhead::fleet {
namespace {

using base::Code;

// The same launch would be refused again.
bool IsLasting(Code code) {
  return code == Code::kInvalid || code == Code::kDenied || code == Code::kUnsupported;
}

bool IsViolation(const node::Ended& ended) {
  return ended.end && ended.end->reason == isolation::EndReason::kViolated;
}

}  // namespace

void Replica::Hear(LaunchRefused refused) {
  if (step_ != Step::kStarting && step_ != Step::kStopping) return;
  // It may start all the same.
  if (refused.error.code == Code::kDeadline) return Stop(LaunchFailure(refused.error));
  if (step_ == Step::kStopping) return AfterWorker();
  lasting_ = IsLasting(refused.error.code);
  Fail(LaunchFailure(refused.error));
}

void Replica::Hear(OrderRefused refused) {
  // Another refusal is answered by asking again, in time.
  if (step_ == Step::kStopping && refused.error.code == Code::kNotFound) AfterWorker();
}

void Replica::Hear(node::ReadyWorker ready) {
  if (step_ == Step::kStarting || step_ == Step::kBackingOff || step_ == Step::kLost) {
    Greet(std::move(ready));
  }
}

void Replica::Hear(const node::Ended& ended) {
  if (!held_) return;  // old news
  const bool over = ended.phase == node::Phase::kEnded;
  if (step_ == Step::kStopping) {
    if (over) AfterWorker();
    return;
  }
  if (!wanted_) return over ? AfterWorker() : End();
  if (ended.end) ++context_.ends[{plan_.tenant, plan_.model, ended.end->reason}];
  DropLink();
  if (over) return Fail(EndFailure(ended));
  if (on_failure_ == OnFailure::kStop) return Stop(EndFailure(ended));
  failure_ = EndFailure(ended);
  if (ended.phase == node::Phase::kBackingOff) return Enter(Step::kBackingOff);
  if (!IsViolation(ended)) return Stop(failure_);
  // It may be somebody else's program by now: a person is to look first.
  Say(failure_->detail + "; it stays down until it is tried again by hand");
  Enter(Step::kDown);
}

void Replica::HearNodeUp() {
  if (step_ == Step::kNoNode) Launch();
}

void Replica::HearNodeDown() {
  const bool stopping = step_ == Step::kStopping;
  held_ = false;
  DropLink();
  if (!wanted_) return Enter(Step::kGone);
  if (step_ == Step::kWaiting || step_ == Step::kDown) return;
  if (stopping && failure_) return AfterWorker();
  Enter(Step::kNoNode);
}

bool Replica::ready() const { return step_ == Step::kReady && link_ && link_->usable(); }

WorkerState Replica::Describe() const {
  WorkerState state;
  state.tenant = plan_.tenant;
  state.model = plan_.model;
  state.version = plan_.version;
  state.name = name_;
  state.profile = plan_.profile;
  if (about_) {
    state.partition = about_->place.partition_id;
    state.device = about_->place.device_id;
    state.start = about_->place.start;
    state.cores = about_->place.cores;
    state.simulated = about_->place.simulated;
    state.tier = about_->place.tier;
    state.layers = about_->layers;
    state.starts = about_->starts;
  }
  if (link_) state.outstanding = link_->load();
  switch (step_) {
    case Step::kReady:
      state.phase = WorkerPhase::kReady;
      break;
    case Step::kDraining:
    case Step::kStopping:
    case Step::kGone:
      state.phase = WorkerPhase::kDraining;
      break;
    case Step::kWaiting:
    case Step::kLost:
    case Step::kBackingOff:
      state.phase = WorkerPhase::kBackingOff;
      break;
    case Step::kDown:
      state.phase = WorkerPhase::kFailed;
      break;
    default:
      state.phase = WorkerPhase::kStarting;
  }
  return state;
}

}  // namespace bulkhead::fleet
