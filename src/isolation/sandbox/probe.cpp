// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/probe.h"

#include <cerrno>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "isolation/sandbox/explain.h"
#include "isolation/sandbox/identity.h"
#include "isolation/sandbox/namespaces.h"

namespace bulkhead::isolation {
namespace {

// The layers without which this one cannot be made, among those that a driver has and that work.
LayerSet Foundation(Layer layer, const LayerSet& working) {
  LayerSet foundation;
  const auto build_on = [&](Layer lower) {
    if (lower != layer && working.Has(lower)) foundation.Add(lower);
  };
  // It gives an ordinary user the rights that namespaces and mounts need.
  build_on(Layer::kUserNamespace);
  if (layer == Layer::kPrivateRoot) build_on(Layer::kMountNamespace);
  if (layer == Layer::kLandlock || layer == Layer::kSyscallFilter ||
      layer == Layer::kNoCapabilities) {
    build_on(Layer::kNoNewPrivileges);
  }
  return foundation;
}

// The order in which layers build on each other.
std::vector<Layer> InProbeOrder(const LayerSet& layers) {
  std::vector<Layer> order;
  for (const Layer first :
       {Layer::kUserNamespace, Layer::kMountNamespace, Layer::kNoNewPrivileges}) {
    if (layers.Has(first)) order.push_back(first);
  }
  LayerSet rest = layers;
  for (const Layer done : order) rest.Remove(done);
  for (const Layer layer : rest.List()) order.push_back(layer);
  return order;
}

std::vector<int> CoresOfThisProcess() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

bool WorksAlone(uint64_t flags) {
  StartedProcess started;
  started.pid = CloneProcess(flags, started.process);
  if (started.pid == 0) ::_exit(0);
  if (started.pid < 0) return false;
  KillAndReap(started);
  return true;
}

}  // namespace

std::vector<LayerState> ProbeLayers(const LayerSet& layers, const ProbeMeans& means) {
  LaunchSpec nothing;
  nothing.share.cpus = CoresOfThisProcess();
  std::vector<LayerState> states;
  LayerSet working;
  for (const Layer layer : InProbeOrder(layers)) {
    if (layer == Layer::kPrivateRoot && !working.Has(Layer::kMountNamespace)) {
      states.push_back({layer, false, "it needs the layer mount-namespace"});
      continue;
    }
    Preparation preparation;
    preparation.spec = &nothing;
    preparation.layers = Foundation(layer, working);
    preparation.layers.Add(layer);
    if (layer == Layer::kOwnUser) preparation.own_id = means.own_id;
    preparation.filter = means.filter;
    preparation.landlock_abi = means.landlock_abi;
    const auto attempted = Attempt(preparation);
    if (const auto* started = std::get_if<StartedProcess>(&attempted)) {
      KillAndReap(*started);
      working.Add(layer);
      states.push_back({layer, true, ""});
      continue;
    }
    const StepFailure failure = WithCulprit(std::get<StepFailure>(attempted), preparation);
    states.push_back({layer, false, Explain(failure, nothing).detail});
  }
  return states;
}

StepFailure WithCulprit(StepFailure failure, const Preparation& preparation) {
  if (failure.step != Step::kClone || failure.error == EAGAIN || failure.error == ENOMEM) {
    return failure;
  }
  LayerSet foundation;
  if (preparation.layers.Has(Layer::kUserNamespace)) foundation.Add(Layer::kUserNamespace);
  for (const Layer layer : preparation.layers.List()) {
    LayerSet alone = foundation;
    alone.Add(layer);
    if (NamespaceFlags({layer}) == 0 || WorksAlone(NamespaceFlags(alone))) continue;
    failure.layer = layer;
    return failure;
  }
  return failure;
}

}  // namespace bulkhead::isolation
