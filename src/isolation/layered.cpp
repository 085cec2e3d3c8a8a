// SPDX-License-Identifier: Apache-2.0
#include "isolation/layered.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolation/cgroup.h"
#include "isolation/ending.h"
#include "isolation/launch_check.h"
#include "isolation/sandbox/attempt.h"
#include "isolation/sandbox/explain.h"
#include "isolation/sandbox/identity.h"
#include "isolation/sandbox/probe.h"
#include "isolation/sandbox/stale_processes.h"
#include "lockdown/landlock.h"
#include "lockdown/syscall_filter.h"

namespace bulkhead::isolation {
namespace {

using base::Code;
using base::OperatorError;
using base::Result;
using base::Status;

bool IsCgroupLayer(Layer layer) {
  return layer == Layer::kCgroupMemory || layer == Layer::kCgroupPids ||
         layer == Layer::kCgroupCpus;
}

// What belongs to a compartment besides its process.
struct Holdings {
  pid_t pid = -1;
  Cgroup cgroup;
  std::optional<OwnId> own_id;
};

Status RemoveGroup(const Cgroup& cgroup) {
  return cgroup.controllers.empty() ? base::Ok() : RemoveCgroup(cgroup);
}

// The layers of one start, as they turn out to be missing.
class Selection {
 public:
  Selection(const LayerSet& wanted, const Policy& policy) : layers_(wanted), policy_(policy) {}

  [[nodiscard]] const LayerSet& layers() const { return layers_; }
  [[nodiscard]] bool Has(Layer layer) const { return layers_.Has(layer); }

  // Goes on without the layer if the policy allows that, and without what builds on it.
  Status LeaveOut(Layer layer, const std::string& reason) {
    if (!layers_.Has(layer)) return base::Ok();
    if (!policy_.optional.Has(layer)) return LayerMissing(layer, reason);
    layers_.Remove(layer);
    if (layer == Layer::kMountNamespace) {
      return LeaveOut(Layer::kPrivateRoot, "it needs the layer mount-namespace");
    }
    return base::Ok();
  }

 private:
  LayerSet layers_;
  const Policy& policy_;
};

class LayeredDriver final : public IsolationDriver {
 public:
  explicit LayeredDriver(LayeredOptions options) : options_(std::move(options)) {}
  // What still runs goes on until this process ends, and keeps its cgroup.
  ~LayeredDriver() override {
    if (tree_.has_value() && tree_->ok() && running_.empty()) {
      // What cannot be removed here is left to the next Sweep; there is nobody to tell.
      [[maybe_unused]] const Status left = LeaveCgroups(tree_->value());
    }
  }
  LayeredDriver(const LayeredDriver&) = delete;
  LayeredDriver& operator=(const LayeredDriver&) = delete;

  std::vector<LayerState> Probe() override;
  Result<Compartment> Start(const LaunchSpec& spec) override;
  Result<End> Destroy(Compartment compartment, Cause cause) override;
  Result<std::vector<std::string>> Sweep() override;

 private:
  const Result<CgroupTree>& Tree();
  const Result<lockdown::SyscallFilter>& Filter();
  std::optional<std::string> WhyUnavailable(Layer layer);
  Status MakeGroup(const LaunchSpec& spec, Selection& selection, Cgroup& cgroup);
  Result<StartedProcess> StartProcess(const LaunchSpec& spec, Selection& selection,
                                      Holdings& holdings);

  LayeredOptions options_;
  // Found and compiled when they are first needed; neither changes while we run.
  std::optional<Result<CgroupTree>> tree_;
  std::optional<Result<lockdown::SyscallFilter>> filter_;
  std::map<std::string, Holdings> running_;
};

const Result<CgroupTree>& LayeredDriver::Tree() {
  if (!tree_.has_value()) tree_ = FindCgroups("", options_.owner);
  return *tree_;
}

const Result<lockdown::SyscallFilter>& LayeredDriver::Filter() {
  if (!filter_.has_value()) {
    filter_ = lockdown::CompileSyscallFilter(lockdown::Stage::kStarting);
  }
  return *filter_;
}

// What is known of a layer before a process tries it; nullopt: nothing is against it.
std::optional<std::string> LayeredDriver::WhyUnavailable(Layer layer) {
  if (options_.withheld.Has(layer)) return "it is withheld by the options of this driver";
  if (layer == Layer::kOwnUser && !MayChangeIds()) {
    return "only root (CAP_SETUID, CAP_SETGID) can give a user of its own";
  }
  if (layer == Layer::kLandlock && lockdown::LandlockAbi() == 0) {
    return "this kernel has none: it needs Linux 5.13 with landlock among the security modules of "
           "its boot parameter lsm=";
  }
  if (layer == Layer::kSyscallFilter && !Filter().ok()) return Filter().error().detail;
  if (!IsCgroupLayer(layer)) return std::nullopt;
  if (!Tree().ok()) return Tree().error().detail;
  for (const CgroupController& controller : Tree().value().controllers) {
    if (controller.layer != layer) continue;
    if (controller.parent.empty()) return controller.reason;
    return std::nullopt;
  }
  return "this machine has no such controller";
}

// The controllers that are still wanted, in one group.
Status LayeredDriver::MakeGroup(const LaunchSpec& spec, Selection& selection, Cgroup& cgroup) {
  CgroupTree wanted;
  if (Tree().ok()) {
    for (const CgroupController& controller : Tree().value().controllers) {
      if (selection.Has(controller.layer)) wanted.controllers.push_back(controller);
    }
  }
  if (wanted.controllers.empty()) return base::Ok();
  const CgroupLimits limits = {spec.share.cpus, spec.share.memory_bytes, spec.share.processes};
  BH_ASSIGN(cgroup, MakeCgroup(wanted, spec.name, limits, spec.policy.optional));
  for (const CgroupController& controller : wanted.controllers) {
    if (cgroup.layers.Has(controller.layer)) continue;
    BH_TRY(selection.LeaveOut(controller.layer, "its group could not be made"));
  }
  return base::Ok();
}

// Tries until it works or a layer fails that is not optional. Each try leaves out one layer more,
// so there are at most as many as layers.
Result<StartedProcess> LayeredDriver::StartProcess(const LaunchSpec& spec, Selection& selection,
                                                   Holdings& holdings) {
  for (;;) {
    if (!selection.Has(Layer::kPrivateRoot)) BH_TRY(CheckUnmovedFiles(spec));
    Preparation preparation;
    preparation.spec = &spec;
    preparation.layers = selection.layers();
    if (!holdings.cgroup.controllers.empty()) preparation.cgroup = &holdings.cgroup;
    if (selection.Has(Layer::kOwnUser)) {
      if (!holdings.own_id.has_value()) {
        BH_ASSIGN(holdings.own_id, ClaimOwnId(options_.first_id, options_.id_count));
      }
      preparation.own_id = holdings.own_id->id;
    }
    if (selection.Has(Layer::kSyscallFilter)) preparation.filter = &Filter().value();
    preparation.landlock_abi = lockdown::LandlockAbi();

    auto attempted = Attempt(preparation);
    if (auto* started = std::get_if<StartedProcess>(&attempted)) return std::move(*started);
    const StepFailure failure = WithCulprit(std::get<StepFailure>(attempted), preparation);
    base::Error error = Explain(failure, spec);
    if (!failure.layer.has_value() || !spec.policy.optional.Has(*failure.layer)) return error;
    BH_TRY(selection.LeaveOut(*failure.layer, error.detail));
  }
}

Result<Compartment> LayeredDriver::Start(const LaunchSpec& spec) {
  BH_TRY(CheckLaunchSpec(spec));
  if (running_.contains(spec.name)) {
    return OperatorError(Code::kInvalid,
                         fmt::format("a compartment named {} is running", spec.name));
  }
  if (!options_.layers.Has(Layer::kPrivateRoot)) BH_TRY(CheckUnmovedFiles(spec));
  Selection selection(options_.layers, spec.policy);
  for (const Layer layer : options_.layers.List()) {
    if (const auto reason = WhyUnavailable(layer); reason.has_value()) {
      BH_TRY(selection.LeaveOut(layer, *reason));
    }
  }
  Holdings holdings;
  BH_TRY(MakeGroup(spec, selection, holdings.cgroup));
  Result<StartedProcess> started = StartProcess(spec, selection, holdings);
  if (!started.ok()) {
    base::Error error = std::move(started).error();
    if (const Status removed = RemoveGroup(holdings.cgroup); !removed.ok()) {
      error.detail += "; and then: " + removed.error().detail;
    }
    return error;
  }
  StartedProcess process = std::move(started).value();
  holdings.pid = process.pid;
  running_[spec.name] = std::move(holdings);
  return Compartment{spec.name, process.pid, std::move(process.process), selection.layers()};
}

Result<End> LayeredDriver::Destroy(Compartment compartment, Cause cause) {
  const auto found = running_.find(compartment.name);
  if (found == running_.end() || !compartment.process.valid()) {
    return OperatorError(Code::kInvalid,
                         fmt::format("no compartment named {} is running", compartment.name));
  }
  const int process = compartment.process.get();
  const bool ended_before = HasEnded(process);
  ::syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
  // Without a pid namespace what it started would outlive it; until it is reaped the number of its
  // session cannot be anyone else's.
  ::kill(-found->second.pid, SIGKILL);
  const KernelWord word = Reap(process);
  const Cgroup cgroup = std::move(found->second.cgroup);
  running_.erase(found);
  const int64_t out_of_memory = cgroup.controllers.empty() ? 0 : OutOfMemoryKills(cgroup);
  const End end = JudgeEnd(word, ended_before, out_of_memory, cause);
  BH_TRY(RemoveGroup(cgroup));
  return end;
}

Result<std::vector<std::string>> LayeredDriver::Sweep() {
  std::vector<std::string> names;
  if (Tree().ok()) {
    BH_ASSIGN(names, SweepCgroups(Tree().value()));
  }
  if (options_.layers.Has(Layer::kOwnUser)) {
    BH_TRY(EndStaleProcesses(options_.first_id, options_.id_count));
  }
  return names;
}

std::vector<LayerState> LayeredDriver::Probe() {
  std::vector<LayerState> states;
  LayerSet by_process = options_.layers;
  for (const Layer layer : options_.layers.List()) {
    if (const auto reason = WhyUnavailable(layer); reason.has_value()) {
      states.push_back({layer, false, *reason});
      by_process.Remove(layer);
    } else if (IsCgroupLayer(layer)) {
      states.push_back({layer, true, ""});
      by_process.Remove(layer);
    }
  }
  ProbeMeans means;
  Result<OwnId> own_id = ClaimOwnId(options_.first_id, options_.id_count);
  if (own_id.ok()) means.own_id = own_id.value().id;
  if (Filter().ok()) means.filter = &Filter().value();
  means.landlock_abi = lockdown::LandlockAbi();
  for (LayerState& state : ProbeLayers(by_process, means)) states.push_back(std::move(state));
  std::ranges::sort(states, {}, &LayerState::layer);
  return states;
}

}  // namespace

std::unique_ptr<IsolationDriver> MakeLayeredDriver(LayeredOptions options) {
  return std::make_unique<LayeredDriver>(std::move(options));
}

}  // namespace bulkhead::isolation
