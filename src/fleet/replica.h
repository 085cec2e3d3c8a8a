// SPDX-License-Identifier: Apache-2.0
// One replica of a deployment's version: a worker, and the next one when it ended.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/deadline_timer.h"
#include "base/result.h"
#include "fleet/deployment_state.h"
#include "fleet/fleet_parts.h"
#include "fleet/route.h"
#include "fleet/worker_link.h"
#include "fleet/worker_plan.h"
#include "node/client.h"

namespace bulkhead::fleet {

// After a failure: another worker after a while, or none before TryAgain.
enum class OnFailure : uint8_t { kRetry, kStop };

// I/O thread. Whatever changes, it tells with FleetContext::settle_soon, and `room` when its link
// may take a call; never from within a call of its owner's.
class Replica : public std::enable_shared_from_this<Replica> {
 public:
  Replica(WorkerPlan plan, OnFailure on_failure, FleetContext& context, std::function<void()> room);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  ~Replica();

  // Once, before anything else.
  void Begin();
  // At once, when it waits to be tried again or is down.
  void TryAgain();
  void SetOnFailure(OnFailure on_failure) { on_failure_ = on_failure; }
  // Ends a worker that runs where it no longer may; others may be tried again.
  void SetTiers(const std::vector<device::Tier>& tiers);

  // For good: its worker may answer what it has, or not even that.
  void Drain();
  void End();

  // What the node says of the worker of this name().
  void Hear(LaunchRefused refused);
  void Hear(OrderRefused refused);
  void Hear(node::ReadyWorker ready);
  void Hear(const node::Ended& ended);
  // Of the connection to it.
  void HearNodeUp();
  void HearNodeDown();

  [[nodiscard]] const std::string& name() const { return name_; }
  // A worker that takes calls.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] RoutedWorker Routed() const { return {name_, plan_.version, link_}; }
  // It failed, and nothing happens before TryAgain.
  [[nodiscard]] bool down() const { return step_ == Step::kDown; }
  // It was ended, and nothing of it is left.
  [[nodiscard]] bool gone() const { return step_ == Step::kGone; }
  // The last failure since it was ready.
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }
  [[nodiscard]] WorkerState Describe() const;

 private:
  enum class Step : uint8_t {
    kWaiting,     // for its next worker: until `due_`
    kNoNode,      // likewise: until the node is connected
    kOpening,     // the model is being read
    kStarting,    // the node was asked for a worker
    kGreeting,    // it is ready, its Hello has not come
    kReady,       //
    kLost,        // it closed its socket, the node has not said that it ended
    kBackingOff,  // it ended, and the node starts it again
    kDown,        // it failed; the node may still hold its partition
    kDraining,    // it answers what it has
    kStopping,    // the node was asked to end it
    kGone,
  };

  void Launch();
  static async::Task<void> OpenModel(std::weak_ptr<Replica> weak, std::string name,
                                     async::Task<base::Result<base::UniqueFd>> opening);
  void SendLaunch(base::Result<base::UniqueFd> model);
  void Greet(node::ReadyWorker ready);
  void OnHello();
  void OnBroken(const base::Error& error);
  void OnRoom();
  void DropLink();
  void OnDue();
  void Order(node::Order order);
  // Asks the node to end the worker, because of `error` or because it is not wanted.
  void Stop(std::optional<base::Error> error);
  void Fail(base::Error error);
  void AfterWorker();
  [[nodiscard]] bool TierAllowed() const;
  void Enter(Step step, std::chrono::milliseconds due = {});
  void Say(std::string_view what) const;

  WorkerPlan plan_;
  OnFailure on_failure_;
  FleetContext& context_;
  const std::function<void()> room_;
  Step step_ = Step::kWaiting;
  bool wanted_ = true;    // no worker follows when it is not
  bool held_ = false;     // the node has its worker, or may have
  bool lasting_ = false;  // what failed will fail again until somebody acts
  std::string name_;
  std::shared_ptr<WorkerLink> link_;
  std::optional<node::Launched> about_;
  std::optional<base::Error> failure_;
  std::chrono::milliseconds retry_;
  std::chrono::nanoseconds ready_since_{0};
  std::chrono::nanoseconds due_{0};
  async::DeadlineTimer timer_;
};

}  // namespace bulkhead::fleet
